# Three tasks.
_base_ = ["./auxi_search_mbv2_rooms.py"]

search = dict(
    space=dict(tasks=("semseg", "depth", "normal")),
    evaluator=dict(
        config="mmaux::auxi_all_mbv2_rooms.py", work_dir="work_dirs/auxi_search_all_mbv2_rooms"
    ),
)
