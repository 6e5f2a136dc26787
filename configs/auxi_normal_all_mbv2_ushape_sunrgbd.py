# Auxi-T3 of three tasks on SUN RGB-D (table 4): the module for surface normals only.
_base_ = ["./auxi_all_mbv2_ushape_sunrgbd.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("normal",))))
