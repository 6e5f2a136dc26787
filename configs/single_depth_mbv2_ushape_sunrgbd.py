# Single-T2: depth alone, on the U-shape network and SUN RGB-D (table 4).
_base_ = [
    "./_base_/models/mbv2_ushape.py",
    "./_base_/datasets/sunrgbd_depth.py",
    "./_base_/schedules/sunrgbd_80k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(semseg=None))
