# Table 2: adaptors of 3x3 in place of 1x1, both tasks.
_base_ = ["./auxi_both_mbv2_context_nyud.py"]

model = dict(auxiliary=dict(architecture=dict(adaptor="conv3x3")))
