# Deep supervision on rendered rooms, DS_1: a segmentation loss on each auxiliary input, scale 0.1
# (section 4.2). What predicts there is not in the paper; one 1x1 convolution is our choice.
_base_ = ["./joint_mbv2_rooms.py"]

model = dict(
    auxiliary=dict(
        type="mmaux.DeepSupervision",
        taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        in_channels=(24, 32, 96, 320),
        tasks=("semseg",),
        loss_weight=0.1,
    )
)
