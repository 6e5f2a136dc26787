# Single task: the scene alone, on the Baseline network's backbone and rendered rooms.
_base_ = [
    "./_base_/models/mbv2_rooms.py",
    "./_base_/models/scene_mbv2.py",
    "./_base_/datasets/rooms_scene_only.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(_delete_=True, scene={{_base_.scene}}))
