# Auxi-all: three tasks, each with its basic auxiliary chain (as table 4 does on SUN RGB-D).
_base_ = ["./joint_all_mbv2_nyud.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
