# Single-T2: depth alone, on the Context network and rendered rooms.
_base_ = [
    "./_base_/models/mbv2_context_rooms.py",
    "./_base_/datasets/rooms_depth.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(semseg=None))
