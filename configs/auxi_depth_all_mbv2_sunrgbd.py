# Auxi-T_2 on SUN RGB-D (table 4): an auxiliary chain for depth only.
_base_ = ["./auxi_all_mbv2_sunrgbd.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("depth",))))
