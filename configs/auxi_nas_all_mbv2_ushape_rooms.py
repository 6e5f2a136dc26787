# Auxi-NAS for three tasks on the U-shape network and rendered rooms (beside table 4).
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_all_mbv2_ushape_rooms.py"]

model = dict(
    auxiliary=dict(architecture="mmaux::architectures/semseg_depth_normal_mbv2_rooms.json")
)
