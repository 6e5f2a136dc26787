# Joint: two tasks on ResNet-50.
_base_ = [
    "./_base_/models/r50.py",
    "./_base_/datasets/nyud.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]
