# Single-T1: semantic segmentation alone, on the Baseline network (figure 3, table 1).
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud_semseg.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(depth=None))
