# Joint on rendered rooms with three tasks: segmentation, depth and surface normals.
_base_ = [
    "./_base_/models/mbv2_rooms.py",
    "./_base_/datasets/rooms_3tasks.py",
    "./_base_/schedules/rooms_10k.py",
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
