# Baseline network on MobileNetV2 (section 4.1): output stride 8, a two-layer head for each task and
# 8x bilinear upsampling. 3.30 M parameters with semantic segmentation (40 classes) and depth; the
# paper's table 1 has 3.31 M.
norm_cfg = dict(type="mmengine.BN")

# "a two-layer task-specific classification module": 3x3 convolution, BN, ReLU; 1x1 convolution.
decoder = dict(
    type="mmseg.FCNHead",
    in_channels=320,
    in_index=3,
    channels=256,  # not in the paper; chosen to match its number of parameters
    num_convs=1,
    concat_input=False,
    dropout_ratio=0.1,
    norm_cfg=norm_cfg,
)

model = dict(
    type="mmaux.MultiTaskEncoderDecoder",
    data_preprocessor=dict(
        type="mmaux.MultiTaskDataPreProcessor",
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=(385, 385),
    ),
    backbone=dict(
        type="mmseg.MobileNetV2",
        widen_factor=1.0,
        strides=(1, 2, 2, 1, 1, 1, 1),
        dilations=(1, 1, 1, 2, 2, 4, 4),
        out_indices=(1, 2, 4, 6),
        norm_cfg=norm_cfg,
        init_cfg=dict(type="Pretrained", checkpoint="mmcls://mobilenet_v2"),
    ),
    heads=dict(
        semseg=dict(type="mmaux.SemSegHead", num_classes=40, decoder=decoder),
        depth=dict(type="mmaux.DepthHead", decoder=decoder, loss=dict(type="mmaux.BerHuLoss")),
    ),
    test_cfg=dict(mode="whole"),
)
