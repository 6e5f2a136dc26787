# As table 2, on rendered rooms: cells that concatenate in place of summing, both tasks.
_base_ = ["./auxi_both_mbv2_context_rooms.py"]

model = dict(auxiliary=dict(architecture=dict(aggregation="concat")))
