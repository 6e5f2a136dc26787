# SUN RGB-D with three tasks and 13 classes (section 4.6, after Handa et al. 2016), augmented as in
# section 4.1. The four sensors' images differ in size (561x427, 640x480, 681x531, 730x530); a random
# resize counts from 640x480, a choice of ours.
_base_ = ["./nyud_3tasks.py"]

dataset_type = "mmaux.SUNRGBDDataset13"
data_root = "data/sunrgbd"

train_dataloader = dict(dataset=dict(type=dataset_type, data_root=data_root))
val_dataloader = dict(dataset=dict(type=dataset_type, data_root=data_root))
test_dataloader = val_dataloader

# The toolbox clips depth at 8 m; what lies there is not evaluated.
val_evaluator = [
    dict(type="mmaux.SemSegMetric"),
    dict(type="mmaux.DepthMetric", min_depth=1e-3, max_depth=8.0),
    dict(type="mmaux.NormalMetric"),
]
test_evaluator = val_evaluator
