# Single task: surface normals alone, on the Baseline network and NYUD-v2.
_base_ = [
    "./_base_/models/mbv2.py",
    "./_base_/datasets/nyud_normal.py",
    "./_base_/schedules/nyud_30k.py",
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
