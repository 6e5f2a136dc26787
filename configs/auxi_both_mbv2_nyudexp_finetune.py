# Auxi-both, fine-tuned on NYUD-v2 from its pre-training on NYUD-v2-expansion (section 4.1).
_base_ = ["./joint_mbv2_nyudexp_finetune.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})

load_from = "work_dirs/auxi_both_mbv2_nyudexp/iter_40000.pth"
