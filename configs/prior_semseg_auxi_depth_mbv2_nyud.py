# AT_2 of figure 3: the auxiliary module is for depth and the weights are from
# segmentation, "to compare with PT_1" (footnote 1); the learning rate is divided by 10.
_base_ = ["./auxi_depth_mbv2_nyud.py"]

load_from = "work_dirs/single_semseg_mbv2_nyud/iter_30000.pth"
optim_wrapper = dict(optimizer=dict(lr=0.001))
