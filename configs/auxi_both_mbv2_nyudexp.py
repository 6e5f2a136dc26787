# Auxi-both, pre-trained on NYUD-v2-expansion (section 4.1).
_base_ = ["./joint_mbv2_nyudexp.py"]

model = dict(
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(24, 32, 96, 320),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=64,
    )
)
