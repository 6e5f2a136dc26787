# What Rooms change in a network: 13 classes, images of 240x320, and weights from scratch, so that
# rendered data train without a download.
rooms = dict(
    data_preprocessor=dict(size=(240, 320)),
    backbone=dict(init_cfg=None),
    heads=dict(semseg=dict(num_classes=13)),
)
