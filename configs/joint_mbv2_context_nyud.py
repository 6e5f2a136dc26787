# Joint: two tasks trained with the sum of their losses, on the Context network (table 1).
_base_ = [
    "./_base_/models/mbv2_context.py",
    "./_base_/datasets/nyud.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]
