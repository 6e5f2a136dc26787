# Auxi-both on the Context network and rendered rooms.
_base_ = ["./joint_mbv2_context_rooms.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
