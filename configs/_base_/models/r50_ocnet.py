# ResNet-50 with a self-attention context decoder for each task, after OCNet (Yuan & Wang 2018,
# 1809.00916), as in section 4.5. mmseg's NLHead: its non-local block, softmax(QK^T)V over all pixels
# with 256 channels for keys and values, is the object context pooling of that paper (ISAHead factors
# the attention as Huang et al. did in 2019, and OCRHead is another method). The block's input is
# added where OCNet concatenates it, and the 3x3 convolution after it is NLHead's.
_base_ = ["./r50.py"]

decoder = dict(
    _delete_=True,
    type="mmseg.NLHead",
    in_channels=2048,
    in_index=3,
    channels=512,
    concat_input=False,
    dropout_ratio=0.1,
    norm_cfg=dict(type="mmengine.BN"),
)

model = dict(heads=dict(semseg=dict(decoder=decoder), depth=dict(decoder=decoder)))
