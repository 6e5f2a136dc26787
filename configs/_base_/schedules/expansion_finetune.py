# Second of two parts: 10k iterations on NYUD-v2 from the first part's network.
_base_ = ["./nyud_finetune_10k.py"]

model = dict(backbone=dict(init_cfg=None))
