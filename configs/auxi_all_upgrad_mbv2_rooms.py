# Auxi-all on rendered rooms, the tasks' gradients combined by UPGrad at the shared feature maps.
_base_ = ["./auxi_all_mbv2_rooms.py"]

optim_wrapper = dict(
    type="mmaux.MultiTaskOptimWrapper",
    method=dict(type="mmaux.Aggregation", aggregator="UPGrad", level="features"),
)
