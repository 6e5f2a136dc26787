# Table 3: Auxi-NAS on ResNet-50 with self-attention decoders.
# The module was searched on another network or other data; its JSON file says where.
_base_ = ["./auxi_both_r50_ocnet_nyud.py"]

model = dict(auxiliary=dict(architecture="mmaux::architectures/semseg_depth_mbv2_rooms.json"))
