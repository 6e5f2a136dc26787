# Three tasks on SUN RGB-D: a quarter of its 5285 training images, for a GPU.
_base_ = ["./auxi_search_mbv2_nyud.py"]

search = dict(
    space=dict(tasks=("semseg", "depth", "normal")),
    evaluator=dict(
        config="mmaux::auxi_all_mbv2_sunrgbd.py",
        options=dict(train_dataloader=dict(dataset=dict(data_root="data/sunrgbd"))),
        num_train=1300,
        num_val=300,
        work_dir="work_dirs/auxi_search_all_mbv2_sunrgbd",
    ),
)
