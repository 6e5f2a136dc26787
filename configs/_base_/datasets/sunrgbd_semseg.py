# SUN RGB-D with semantic segmentation alone, for the single-task rows.
_base_ = ["./sunrgbd.py"]

targets = dict(_delete_=True, semseg=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [dict(type="mmaux.SemSegMetric")]
test_evaluator = val_evaluator
