# As table 2, on rendered rooms: adaptors of 3x3, both tasks.
_base_ = ["./auxi_both_mbv2_context_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(adaptor="conv3x3")))
