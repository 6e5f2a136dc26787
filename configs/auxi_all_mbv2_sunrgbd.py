# Auxi-all on SUN RGB-D (table 4): each of the three tasks with its basic auxiliary chain.
_base_ = ["./joint_all_mbv2_sunrgbd.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
