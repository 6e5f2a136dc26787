# Auxi-all on SUN RGB-D (table 4): each of the three tasks with its basic auxiliary chain.
_base_ = ["./joint_all_mbv2_sunrgbd.py"]

model = dict(
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(24, 32, 96, 320),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=64,
    )
)
