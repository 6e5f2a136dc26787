# ResNet-50 at output stride 8 with the two-layer heads of the Baseline network.
_base_ = ["./mbv2.py"]

decoder = dict(in_channels=2048, channels=512)

model = dict(
    backbone=dict(
        _delete_=True,
        type="mmseg.ResNetV1c",
        depth=50,
        num_stages=4,
        out_indices=(0, 1, 2, 3),
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4),
        norm_cfg=dict(type="mmengine.BN"),
        norm_eval=False,
        style="pytorch",
        contract_dilation=True,
        init_cfg=dict(type="Pretrained", checkpoint="open-mmlab://resnet50_v1c"),
    ),
    heads=dict(semseg=dict(decoder=decoder), depth=dict(decoder=decoder)),
)
