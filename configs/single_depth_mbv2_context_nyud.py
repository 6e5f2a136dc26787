# Single-T2: depth alone, on the Context network (table 1).
_base_ = [
    "./_base_/models/mbv2_context.py",
    "./_base_/datasets/nyud_depth.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(semseg=None))
