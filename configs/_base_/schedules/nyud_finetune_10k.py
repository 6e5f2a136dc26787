# Section 4.1: after pre-training, 10k iterations on NYUD-v2 with a fixed learning rate of 1e-5.
_base_ = ["./nyud_30k.py"]

optim_wrapper = dict(optimizer=dict(lr=1e-5))
param_scheduler = []
train_cfg = dict(max_iters=10000, val_interval=2000)
