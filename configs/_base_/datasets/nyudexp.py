# NYUD-v2-expansion (section 4): raw training frames with Kinect depth and labels of a pre-trained
# network, all of the folder. Evaluated on NYUD-v2.
_base_ = ["./nyud.py"]

train_dataloader = dict(
    dataset=dict(type="mmaux.NYUv2ExpansionDataset", data_root="data/nyudexp", ann_file="")
)
