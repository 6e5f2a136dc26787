# Section 4.1: SGD, learning rate 0.01, weight decay 1e-4, poly with power 0.9, 30k iterations
# (section 4.2, NYUD-v2). The momentum is not in the paper; 0.9 is the usual one.
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="mmengine.SGD", lr=0.01, momentum=0.9, weight_decay=1e-4),
)
param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=30000, by_epoch=False)
]
train_cfg = dict(type="mmaux.ResumableTrainLoop", max_iters=30000, val_interval=5000)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
