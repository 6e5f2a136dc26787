# Table 2: the basic module for semantic segmentation only (Auxi-T1).
_base_ = ["./auxi_both_mbv2_context_nyud.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("semseg",))))
