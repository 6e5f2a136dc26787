# The short schedule for backbones that start from trained weights.
_base_ = ["./short.py"]

optim_wrapper = dict(optimizer=dict(lr=1e-3))
