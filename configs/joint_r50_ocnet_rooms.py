# As table 3, on rendered rooms: joint, on ResNet-50 with self-attention decoders.
_base_ = [
    "./_base_/models/r50_ocnet_rooms.py",
    "./_base_/datasets/rooms.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]
