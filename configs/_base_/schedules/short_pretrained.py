# The short schedule for backbones that start from trained weights: a smaller learning rate, and a
# cosine, under which the training loss flattens before the end.
_base_ = ["./short.py"]

optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, begin=0, end=30, by_epoch=False),
    dict(
        type="mmengine.CosineAnnealingLR", eta_min=0.0, begin=30, end=450, T_max=420, by_epoch=False
    ),
]
