# Table 2: cells that concatenate in place of summing, both tasks.
_base_ = ["./auxi_both_mbv2_context_nyud.py"]

model = dict(auxiliary=dict(architecture=dict(aggregation="concat")))
