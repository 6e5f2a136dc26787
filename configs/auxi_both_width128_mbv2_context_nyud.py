# Table 2: twice the width, both tasks (the width is ours, so is this variant).
_base_ = ["./auxi_both_mbv2_context_nyud.py"]

model = dict(auxiliary=dict(channels=128))
