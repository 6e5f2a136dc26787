# AT_1 of figure 3 on rendered rooms: an auxiliary module for segmentation, initialised from depth
# "to compare with PT_2" (footnote 1); the learning rate is divided by 10.
_base_ = ["./auxi_semseg_mbv2_rooms.py"]

load_from = "work_dirs/single_depth_mbv2_rooms/iter_10000.pth"
optim_wrapper = dict(optimizer=dict(lr=0.001))
