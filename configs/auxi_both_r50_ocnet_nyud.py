# Auxi-both on ResNet-50 with self-attention decoders (table 3, whose searched module this is not).
_base_ = ["./joint_r50_ocnet_nyud.py", "./_base_/models/auxiliary_r50.py"]

model = dict(auxiliary={{_base_.auxiliary}})
