# Auxi-T2 of three tasks on rendered rooms (as table 4): the module for depth only.
_base_ = ["./auxi_all_mbv2_ushape_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("depth",))))
