# Auxi-all on rendered rooms, trained by a step on each task in turn (Pascal et al., 2109.11678), each
# with moments of its own.
_base_ = ["./auxi_all_mbv2_rooms.py"]

optim_wrapper = dict(
    type="mmaux.MultiTaskOptimWrapper",
    method=dict(type="mmaux.Alternation", state="per_task"),
)
