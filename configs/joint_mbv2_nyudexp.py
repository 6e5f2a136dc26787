# Joint, pre-trained on NYUD-v2-expansion (section 4.1).
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyudexp.py",
    "./_base_/schedules/nyudexp_40k.py",
    "./_base_/default_runtime.py",
]
