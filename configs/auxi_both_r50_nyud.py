# Auxi-both on ResNet-50.
_base_ = ["./joint_r50_nyud.py", "./_base_/models/auxiliary_r50.py"]

model = dict(auxiliary={{_base_.auxiliary}})
