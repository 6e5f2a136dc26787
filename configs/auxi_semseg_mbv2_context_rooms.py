# As table 2, on rendered rooms: the module for semantic segmentation only.
_base_ = ["./auxi_both_mbv2_context_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("semseg",))))
