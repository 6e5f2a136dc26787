# Kendall et al. on rendered rooms: tasks weighed by learned uncertainties (section 4.2).
_base_ = ["./joint_mbv2_rooms.py"]

model = dict(task_weighting=dict(type="mmaux.UncertaintyWeighting"))
# Weight decay would pull the uncertainties towards 1.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={"task_weighting": dict(decay_mult=0.0)}))
