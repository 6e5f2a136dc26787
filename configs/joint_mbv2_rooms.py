# Joint on rendered rooms: segmentation and depth.
_base_ = [
    "./_base_/models/mbv2_rooms.py",
    "./_base_/datasets/rooms.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]
