# Auxi-T2 on rendered rooms: the basic auxiliary module for depth only.
_base_ = ["./auxi_both_mbv2_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("depth",))))
