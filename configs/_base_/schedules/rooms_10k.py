# The paper's optimizer (section 4.1) for 10k iterations; the length is ours.
optim_wrapper = dict(
    type="mmengine.OptimWrapper",
    optimizer=dict(type="mmengine.SGD", lr=0.01, momentum=0.9, weight_decay=1e-4),
)
param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=10000, by_epoch=False)
]
train_cfg = dict(type="mmaux.ResumableTrainLoop", max_iters=10000, val_interval=1000)
val_cfg = dict(type="mmengine.ValLoop")
test_cfg = dict(type="mmengine.TestLoop")
