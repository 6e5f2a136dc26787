# Section 4.1: pre-training on NYUD-v2-expansion, 40k iterations with lr 0.01.
_base_ = ["./nyud_30k.py"]

param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=40000, by_epoch=False)
]
train_cfg = dict(max_iters=40000)
