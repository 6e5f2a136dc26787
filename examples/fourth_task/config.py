# Four tasks on a small data set of one's own: three of mmaux's and edges (edge_task.py).
_base_ = [
    "mmaux::_base_/models/mbv2.py",
    "mmaux::_base_/schedules/nyud_30k.py",
    "mmaux::_base_/default_runtime.py",
]
custom_imports = dict(imports=["edge_task", "tiny_head"], allow_failed_imports=False)

classes = ("wall", "floor", "panel", "board")
palette = [[150, 160, 175], [170, 125, 80], [215, 70, 60], [60, 150, 90]]
data_root = "data/shapes"
image_size = (96, 128)  # height, width
max_iters = 300

# Network: a quarter of MobileNetV2's width, without pretrained weights, and decoders of our own.
decoder = dict(
    type="mmseg.TinyHead",
    in_channels=80,
    in_index=3,
    channels=64,
    norm_cfg=dict(type="mmengine.BN"),
)
# Edges are thin: their decoder reads the finest map, at stride 4.
edge_decoder = dict(decoder, in_channels=8, in_index=0, num_layers=2)
model = dict(
    data_preprocessor=dict(size=image_size),
    backbone=dict(widen_factor=0.25, init_cfg=None),
    heads=dict(
        _delete_=True,
        semseg=dict(type="mmaux.SemSegHead", num_classes=len(classes), decoder=decoder),
        depth=dict(type="mmaux.DepthHead", decoder=decoder),
        normal=dict(type="mmaux.NormalHead", decoder=decoder),
        edge=dict(
            type="mmaux.EdgeHead",
            decoder=edge_decoder,
            loss=dict(type="mmaux.BalancedEdgeLoss", loss_weight=1.0),
        ),
    ),
    # A chain of cells for each of the four tasks, in training only.
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(8, 8, 24, 80),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=32,
    ),
)

# Data: folders image, label, depth, normal and edge; no data set class is needed. A registered
# target needs no more than its task's name.
targets = dict(semseg=dict(), depth=dict(), normal=dict(), edge=dict())
train_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(type="mmaux.LoadTargets"),
    dict(
        type="mmcv.RandomResize",
        resize_type="mmaux.Resize",
        scale=image_size[::-1],
        ratio_range=(0.75, 1.5),
        keep_ratio=True,
    ),
    dict(type="mmaux.RandomCrop", crop_size=image_size),
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
dataset = dict(
    type="mmaux.MultiTaskFolderDataset",
    data_root=data_root,
    metainfo=dict(classes=classes, palette=palette),
    targets=targets,
)
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type="mmaux.SeekableInfiniteSampler", shuffle=True),
    dataset=dict(**dataset, ann_file="splits/train.txt", pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type="mmengine.DefaultSampler", shuffle=False),
    dataset=dict(**dataset, ann_file="splits/test.txt", test_mode=True, pipeline=test_pipeline),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type="mmaux.SemSegMetric"),
    dict(type="mmaux.DepthMetric"),
    dict(type="mmaux.NormalMetric"),
    dict(type="mmaux.EdgeMetric"),
]
test_evaluator = val_evaluator

optim_wrapper = dict(optimizer=dict(lr=0.05))
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
param_scheduler = [
    dict(type="mmengine.PolyLR", power=0.9, eta_min=0.0, begin=0, end=max_iters, by_epoch=False)
]
default_hooks = dict(logger=dict(interval=10), checkpoint=dict(interval=max_iters))
