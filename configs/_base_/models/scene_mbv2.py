# Classification of the whole image on MobileNetV2: the mean over the last shared map and a linear
# layer, for the four scenes of Rooms.
scene = dict(
    type="mmaux.SceneHead",
    num_classes=4,
    decoder=dict(
        type="mmseg.FCNHead",
        in_channels=320,
        in_index=3,
        channels=320,
        num_convs=0,
        concat_input=False,
        dropout_ratio=0.1,
    ),
)
