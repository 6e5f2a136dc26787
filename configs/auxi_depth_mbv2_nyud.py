# Auxi-T2: the basic auxiliary module for depth only.
_base_ = ["./auxi_both_mbv2_nyud.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("depth",))))
