# Auxi-NAS: joint training with searched auxiliary modules for both tasks (section 3.2).
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_both_mbv2_nyud.py"]

model = dict(auxiliary=dict(architecture="mmaux::architectures/semseg_depth_mbv2_rooms.json"))
