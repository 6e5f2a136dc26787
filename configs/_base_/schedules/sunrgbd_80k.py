# Section 4.1: three tasks on SUN RGB-D are trained for 80k iterations with lr 0.01.
_base_ = ["./nyud_30k.py"]

param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=80000, by_epoch=False)
]
train_cfg = dict(max_iters=80000, val_interval=10000)
