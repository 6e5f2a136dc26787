# NYUD-v2 with a tenth of the training split held out: choose hyper-parameters and checkpoints by
# validation on that part, and test once, at the end, on the test split.
_base_ = ["./nyud.py"]

train_dataloader = dict(dataset=dict(val_fraction=0.1, val_seed=0, subset="train"))
val_dataloader = dict(
    dataset=dict(ann_file="splits/train.txt", val_fraction=0.1, val_seed=0, subset="val")
)
