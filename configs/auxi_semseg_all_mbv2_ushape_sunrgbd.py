# Auxi-T1 of three tasks on SUN RGB-D (table 4): the module for semantic segmentation only.
_base_ = ["./auxi_all_mbv2_ushape_sunrgbd.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("semseg",))))
