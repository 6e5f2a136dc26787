# Rooms with segmentation, depth and the scene: what kind of room the image shows.
_base_ = ["./rooms.py"]

targets = dict(semseg=dict(), depth=dict(), scene=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader

val_evaluator = [
    dict(type="mmaux.SemSegMetric"),
    dict(type="mmaux.DepthMetric", min_depth=1e-3, max_depth=10.0),
    dict(type="mmaux.SceneMetric"),
]
test_evaluator = val_evaluator
