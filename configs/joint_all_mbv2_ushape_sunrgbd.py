# Joint: three tasks trained with the sum of their losses, on the U-shape network and SUN RGB-D (table 4).
_base_ = [
    "./_base_/models/mbv2_ushape.py",
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
