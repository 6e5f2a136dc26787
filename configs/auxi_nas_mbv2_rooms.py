# Auxi-NAS on rendered rooms, which its auxiliary modules were searched on.
_base_ = ["./auxi_both_mbv2_rooms.py"]

model = dict(auxiliary=dict(architecture="mmaux::architectures/semseg_depth_mbv2_rooms.json"))
