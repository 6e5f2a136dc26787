# U-shape network (section 4.1): a U-Net style decoder, after Li et al. (1807.03959), in the shared
# layers. 4.21 M parameters with semantic segmentation (40 classes) and depth; table 1 has 4.19 M.
#
# The backbone keeps its own strides, 32 at the end, because here the decoder brings resolution back:
# the auxiliary inputs then come from four layers that do differ in resolution. The heads are those
# of the Baseline, read the finest map and predict at output stride 4.
_base_ = ["./mbv2.py"]

decoder = dict(in_channels=64, in_index=0)

model = dict(
    backbone=dict(strides=(1, 2, 2, 2, 1, 2, 1), dilations=(1, 1, 1, 1, 1, 1, 1)),
    neck=dict(
        type="mmaux.UShapeNeck",
        in_channels=(24, 32, 96, 320),
        channels=(64, 128, 256, 320),  # not in the paper; chosen to match its number of parameters
    ),
    heads=dict(semseg=dict(decoder=decoder), depth=dict(decoder=decoder)),
)
