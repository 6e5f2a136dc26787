# Auxi-all on rendered rooms: three tasks, each with its basic auxiliary chain.
_base_ = ["./joint_all_mbv2_rooms.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
