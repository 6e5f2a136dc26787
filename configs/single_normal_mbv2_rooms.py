# Single task on rendered rooms: surface normals.
_base_ = ["./joint_all_mbv2_rooms.py"]

model = dict(heads=dict(semseg=None, depth=None))

targets = dict(_delete_=True, normal=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [dict(type="mmaux.NormalMetric")]
test_evaluator = val_evaluator
