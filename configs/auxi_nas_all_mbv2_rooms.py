# Auxi-NAS for three tasks on rendered rooms, which its auxiliary modules were searched on.
_base_ = ["./auxi_all_mbv2_rooms.py"]

model = dict(
    auxiliary=dict(architecture="mmaux::architectures/semseg_depth_normal_mbv2_rooms.json")
)
