# Joint: two tasks trained with the sum of their losses, on the Context network and rendered rooms.
_base_ = [
    "./_base_/models/mbv2_context_rooms.py",
    "./_base_/datasets/rooms.py",
    "./_base_/schedules/rooms_10k.py",
    "./_base_/default_runtime.py",
]
