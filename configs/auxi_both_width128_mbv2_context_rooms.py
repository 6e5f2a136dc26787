# As table 2, on rendered rooms: twice the width, both tasks.
_base_ = ["./auxi_both_mbv2_context_rooms.py"]

model = dict(auxiliary=dict(channels=128))
