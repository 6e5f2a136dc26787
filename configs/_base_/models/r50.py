# ResNet-50 at output stride 8 with the two-layer heads of the Baseline network.
norm_cfg = dict(type='mmengine.BN')

decoder = dict(
    type='mmseg.FCNHead',
    in_channels=2048,
    in_index=3,
    channels=512,
    num_convs=1,
    concat_input=False,
    dropout_ratio=0.1,
    norm_cfg=norm_cfg)

model = dict(
    type='mmaux.MultiTaskEncoderDecoder',
    data_preprocessor=dict(
        type='mmaux.MultiTaskDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        pad_val=0,
        seg_pad_val=255,
        size=(385, 385)),
    backbone=dict(
        type='mmseg.ResNetV1c',
        depth=50,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4),
        norm_cfg=norm_cfg,
        norm_eval=False,
        style='pytorch',
        contract_dilation=True,
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://resnet50_v1c')),
    heads=dict(
        semseg=dict(type='mmaux.SemSegHead', num_classes=40, decoder=decoder),
        depth=dict(
            type='mmaux.DepthHead', decoder=decoder, loss=dict(type='mmaux.BerHuLoss'))),
    test_cfg=dict(mode='whole'))
