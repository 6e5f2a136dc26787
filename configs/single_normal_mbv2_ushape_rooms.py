# Single-T3: surface normals alone, on the U-shape network and rendered rooms (as table 4).
_base_ = [
    "./_base_/models/mbv2_ushape_rooms.py",
    "./_base_/datasets/rooms_normal.py",
    "./_base_/schedules/rooms_10k.py",
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
