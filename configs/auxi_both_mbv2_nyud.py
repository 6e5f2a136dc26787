# Auxi-both: joint training with the basic auxiliary module for both tasks (section 4.2, AT_both).
_base_ = ["./joint_mbv2_nyud.py"]

# Auxiliary inputs: the outputs of layers 1, 2, 4 and 6. At output stride 8 only three layers of
# MobileNetV2 really down-sample; the choice is ours.
model = dict(
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(24, 32, 96, 320),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=64,
    )
)
