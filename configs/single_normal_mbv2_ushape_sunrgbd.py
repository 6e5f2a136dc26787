# Single-T3: surface normals alone, on the U-shape network and SUN RGB-D (table 4).
_base_ = [
    "./_base_/models/mbv2_ushape.py",
    "./_base_/datasets/sunrgbd_normal.py",
    "./_base_/schedules/sunrgbd_80k.py",
    "./_base_/default_runtime.py",
]

model = dict(
    heads=dict(
        _delete_=True,
        normal=dict(
            type="mmaux.NormalHead",
            decoder={{_base_.decoder}},
            loss=dict(type="mmaux.CosineNormalLoss"),
        ),
    )
)
