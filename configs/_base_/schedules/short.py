# Minutes on a CPU, from scratch: mmaux.experiments.apply_schedule lays it over a complete config.
# The network sees 120x160 in training and in testing; its predictions come back at the images'
# own size. The numbers were chosen on rendered rooms.
crop_size = (120, 160)
resize = dict(type="mmaux.Resize", scale=crop_size[::-1], keep_ratio=True)

# No random resize: in so few iterations a network that sees one scale learns more.
train_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(type="mmaux.LoadTargets"),
    resize,
    dict(type="mmaux.RandomFlip", prob=0.5),
    dict(type="mmaux.PackMultiTaskInputs"),
]
test_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    resize,
    dict(type="mmaux.LoadTargets"),
    dict(type="mmaux.PackMultiTaskInputs"),
]
tta_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(
        type="mmcv.TestTimeAug",
        transforms=[
            [resize],
            [
                dict(type="mmaux.RandomFlip", prob=0.0, direction="horizontal"),
                dict(type="mmaux.RandomFlip", prob=1.0, direction="horizontal"),
            ],
            [dict(type="mmaux.LoadTargets")],
            [dict(type="mmaux.PackMultiTaskInputs")],
        ],
    ),
]

model = dict(data_preprocessor=dict(size=crop_size))
train_dataloader = dict(batch_size=8, num_workers=1, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(num_workers=1, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

optim_wrapper = dict(
    optimizer=dict(_delete_=True, type="mmengine.AdamW", lr=3e-3, weight_decay=1e-4)
)
param_scheduler = [
    dict(type="mmengine.LinearLR", start_factor=0.1, begin=0, end=30, by_epoch=False),
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=30, end=450, by_epoch=False),
]
train_cfg = dict(max_iters=450, val_interval=450)
default_hooks = dict(
    logger=dict(interval=10),
    checkpoint=dict(interval=50, max_keep_ckpts=1),
    channels_last=dict(type="mmaux.ChannelsLastHook"),
)
