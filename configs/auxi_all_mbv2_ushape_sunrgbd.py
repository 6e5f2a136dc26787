# Auxi-all: three tasks, each with its basic auxiliary chain, on the U-shape network and SUN RGB-D (table 4).
_base_ = ["./joint_all_mbv2_ushape_sunrgbd.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
