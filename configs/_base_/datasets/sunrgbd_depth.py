# SUN RGB-D with depth alone, for the single-task rows.
_base_ = ["./sunrgbd.py"]

targets = dict(_delete_=True, depth=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [dict(type="mmaux.DepthMetric", min_depth=1e-3, max_depth=8.0)]
test_evaluator = val_evaluator
