# Auxi-NAS for three tasks on SUN RGB-D.
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_all_mbv2_sunrgbd.py"]

model = dict(
    auxiliary=dict(architecture="mmaux::architectures/semseg_depth_normal_mbv2_rooms.json")
)
