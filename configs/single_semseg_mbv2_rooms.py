# Single task on rendered rooms: semantic segmentation.
_base_ = ["./joint_mbv2_rooms.py"]

model = dict(heads=dict(depth=None))

targets = dict(_delete_=True, semseg=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [dict(type="mmaux.SemSegMetric")]
test_evaluator = val_evaluator
