# Rooms with the scene alone, for the single-task row.
_base_ = ["./rooms.py"]

targets = dict(_delete_=True, scene=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [dict(type="mmaux.SceneMetric")]
test_evaluator = val_evaluator
