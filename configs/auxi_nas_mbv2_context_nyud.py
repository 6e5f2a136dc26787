# Tables 1 and 2: Auxi-NAS on the Context network.
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_both_mbv2_context_nyud.py"]

model = dict(auxiliary=dict(architecture="mmaux::architectures/semseg_depth_mbv2_rooms.json"))
