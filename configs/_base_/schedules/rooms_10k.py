# The paper's optimizer (section 4.1) for 10k iterations; the length is ours.
_base_ = ["./nyud_30k.py"]

param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=10000, by_epoch=False)
]
train_cfg = dict(max_iters=10000, val_interval=1000)
