# Joint, fine-tuned on NYUD-v2 from its pre-training on NYUD-v2-expansion (section 4.1).
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud.py",
    "./_base_/schedules/nyud_finetune_10k.py",
    "./_base_/default_runtime.py",
]

model = dict(backbone=dict(init_cfg=None))
load_from = "work_dirs/joint_mbv2_nyudexp/iter_40000.pth"
