# Auxi-both on the U-shape network and rendered rooms.
_base_ = ["./joint_mbv2_ushape_rooms.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
