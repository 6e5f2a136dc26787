# NYUD-v2 with 40 classes and depth, augmented as in section 4.1: random flip, random resize from
# 0.5 to 2.1 (depth divided by the factor), random crop 385x385; batch size 12.
dataset_type = "mmaux.NYUv2Dataset"
data_root = "data/nyud"
targets = dict(semseg=dict(), depth=dict())
crop_size = (385, 385)

train_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(type="mmaux.LoadTargets"),
    dict(
        type="mmcv.RandomResize",
        resize_type="mmaux.Resize",
        scale=(640, 480),
        ratio_range=(0.5, 2.1),
        keep_ratio=True,
    ),
    dict(type="mmaux.RandomCrop", crop_size=crop_size),
    dict(type="mmaux.RandomFlip", prob=0.5),
    dict(type="mmaux.PackMultiTaskInputs"),
]
test_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(type="mmaux.LoadTargets"),
    dict(type="mmaux.PackMultiTaskInputs"),
]
tta_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(
        type="mmcv.TestTimeAug",
        transforms=[
            [
                dict(type="mmaux.RandomFlip", prob=0.0, direction="horizontal"),
                dict(type="mmaux.RandomFlip", prob=1.0, direction="horizontal"),
            ],
            [dict(type="mmaux.LoadTargets")],
            [dict(type="mmaux.PackMultiTaskInputs")],
        ],
    ),
]

train_dataloader = dict(
    batch_size=12,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="mmaux.SeekableInfiniteSampler", shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file="splits/train.txt",
        targets=targets,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file="splits/test.txt",
        targets=targets,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type="mmaux.SemSegMetric"),
    dict(type="mmaux.DepthMetric", min_depth=1e-3, max_depth=10.0),
]
test_evaluator = val_evaluator
