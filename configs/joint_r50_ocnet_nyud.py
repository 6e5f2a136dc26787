# Joint: two tasks trained with the sum of their losses, on ResNet-50 with self-attention decoders (table 3).
_base_ = [
    "./_base_/models/r50_ocnet.py",
    "./_base_/datasets/nyud.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]
