# Prior on rendered rooms, PT_1: joint training from the trained single task, segmentation (section
# 4.2). The other head starts fresh; the learning rate is divided by 10.
_base_ = ["./joint_mbv2_rooms.py"]

load_from = "work_dirs/single_semseg_mbv2_rooms/iter_10000.pth"
optim_wrapper = dict(optimizer=dict(lr=0.001))
