# As table 2, on rendered rooms: adaptors of 3x3, for depth only.
_base_ = ["./auxi_both_mbv2_context_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(tasks=("depth",), adaptor="conv3x3")))
