# Joint, with a tenth of the training split held out to choose on.
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud_holdout.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]
