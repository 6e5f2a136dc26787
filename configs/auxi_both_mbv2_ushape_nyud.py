# Auxi-both on the U-shape network, with the basic module (table 1 uses a searched one).
_base_ = ["./joint_mbv2_ushape_nyud.py", "./_base_/models/auxiliary_mbv2.py"]

model = dict(auxiliary={{_base_.auxiliary}})
