# Searches the auxiliary modules of auxi_both_mbv2_nyud.py on the 795 training images of NYUD-v2, for
# a GPU.
_base_ = ["./auxi_search_mbv2_rooms.py"]

search = dict(
    evaluator=dict(
        config="mmaux::auxi_both_mbv2_nyud.py",
        options=dict(train_dataloader=dict(dataset=dict(data_root="data/nyud"))),
        iterations=100,
        num_train=None,
        num_val=None,
        start_iterations=1000,
        work_dir="work_dirs/auxi_search_mbv2_nyud",
    ),
    candidates=2000,
)
rank_study = dict(cheap=dict(half=dict(iterations=50)), long=dict(iterations=1000))
