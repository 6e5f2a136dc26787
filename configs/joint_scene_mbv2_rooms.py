# Joint on rendered rooms with a task of another nature: segmentation, depth and the scene.
_base_ = [
    "./_base_/models/mbv2_rooms.py",
    "./_base_/models/scene_mbv2.py",
    "./_base_/datasets/rooms_scene.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(scene={{_base_.scene}}))
