# As table 1, on rendered rooms: Auxi-NAS on the U-shape network.
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_both_mbv2_ushape_rooms.py"]

model = dict(auxiliary=dict(architecture="mmaux::architectures/semseg_depth_mbv2_rooms.json"))
