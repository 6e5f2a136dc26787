# Auxi-both: joint training with the basic auxiliary module for both tasks (section 4.2, AT_both).
_base_ = ["./joint_mbv2_nyud.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
