# Joint on SUN RGB-D (table 4): segmentation with 13 classes, depth and surface normals.
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/sunrgbd.py",
    "./_base_/schedules/sunrgbd_80k.py",
    "./_base_/default_runtime.py",
]

model = dict(
    heads=dict(
        semseg=dict(num_classes=13),
        normal=dict(
            type="mmaux.NormalHead",
            decoder={{_base_.decoder}},
            loss=dict(type="mmaux.CosineNormalLoss"),
        ),
    )
)
