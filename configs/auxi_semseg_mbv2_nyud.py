# Auxi-T1: the basic auxiliary module for segmentation only.
_base_ = ["./auxi_both_mbv2_nyud.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("semseg",))))
