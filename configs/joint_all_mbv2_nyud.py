# Joint with three tasks: semantic segmentation, depth and surface normals.
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud_3tasks.py",
    "./_base_/schedules/nyud_30k.py",
    "./_base_/default_runtime.py",
]

model = dict(
    heads=dict(
        normal=dict(
            type="mmaux.NormalHead",
            decoder={{_base_.decoder}},
            loss=dict(type="mmaux.CosineNormalLoss"),
        )
    )
)
