# Joint: two tasks trained with the sum of their losses (section 4.2, figure 3).
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]
