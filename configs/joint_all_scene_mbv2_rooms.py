# Joint on rendered rooms with all tasks: segmentation, depth, surface normals and the scene.
_base_ = ["./joint_all_mbv2_rooms.py", "./_base_/models/scene_mbv2.py"]

model = dict(heads=dict(scene={{_base_.scene}}))
targets = dict(scene=dict())
train_dataloader = dict(dataset=dict(targets=targets))
val_dataloader = dict(dataset=dict(targets=targets))
test_dataloader = val_dataloader
val_evaluator = [
    dict(type="mmaux.SemSegMetric"),
    dict(type="mmaux.DepthMetric", min_depth=1e-3, max_depth=10.0),
    dict(type="mmaux.NormalMetric"),
    dict(type="mmaux.SceneMetric"),
]
test_evaluator = val_evaluator
