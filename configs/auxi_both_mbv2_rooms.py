# Auxi-both on rendered rooms: the basic auxiliary module for segmentation and depth.
_base_ = ["./joint_mbv2_rooms.py"]

model = dict(
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(24, 32, 96, 320),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=64,
    )
)
