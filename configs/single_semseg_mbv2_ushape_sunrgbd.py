# Single-T1: semantic segmentation alone, on the U-shape network and SUN RGB-D (table 4).
_base_ = [
    "./_base_/models/mbv2_ushape.py",
    "./_base_/datasets/sunrgbd_semseg.py",
    "./_base_/schedules/sunrgbd_80k.py",
    "./_base_/default_runtime.py",
]

model = dict(heads=dict(semseg=dict(num_classes=13), depth=None))
