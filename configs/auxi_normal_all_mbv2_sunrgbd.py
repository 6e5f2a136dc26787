# Auxi-T_3 on SUN RGB-D (table 4): an auxiliary chain for surface normals only.
_base_ = ["./auxi_all_mbv2_sunrgbd.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("normal",))))
