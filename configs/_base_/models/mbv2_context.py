# Context network (section 4.1): an ASPP in the shared layers, backbone and heads as in the Baseline.
# Output stride 8. 3.98 M parameters with semantic segmentation (40 classes) and depth, as in table 1.
_base_ = ["./mbv2.py"]

model = dict(
    neck=dict(
        type="mmaux.ASPPNeck",
        in_channels=(24, 32, 96, 320),
        channels=208,  # not in the paper; chosen to match its number of parameters
        out_channels=320,  # the backbone's, so that the heads stay those of the Baseline
    )
)
