# Auxi-both, pre-trained on NYUD-v2-expansion (section 4.1).
_base_ = ["./joint_mbv2_nyudexp.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
