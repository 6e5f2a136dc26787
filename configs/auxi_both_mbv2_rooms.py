# Auxi-both on rendered rooms: the basic auxiliary module for segmentation and depth.
_base_ = ["./joint_mbv2_rooms.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
