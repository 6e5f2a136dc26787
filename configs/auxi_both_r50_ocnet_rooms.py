# As table 3, on rendered rooms: the basic module for both tasks, on ResNet-50 with self-attention decoders.
_base_ = ["./joint_r50_ocnet_rooms.py", "./_base_/models/auxiliary_r50.py"]

model = dict(auxiliary={{_base_.auxiliary}})
