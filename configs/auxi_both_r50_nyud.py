# Auxi-both on ResNet-50. The paper reads "the output of each residual block"; these are the four
# stages' outputs, a choice of ours.
_base_ = ["./joint_r50_nyud.py"]

model = dict(
    auxiliary=dict(
        type="mmaux.AuxiliaryModule",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(256, 512, 1024, 2048),
        architecture=dict(adaptor="conv1x1", aggregation="sum"),
        channels=64,
    )
)
