# Searches the auxiliary modules of auxi_both_mbv2_rooms.py (section 3.2). All numbers are ours: the
# paper says no more than that 2000 candidates take less than one GPU day.
search = dict(
    space=dict(tasks=("semseg", "depth"), num_inputs=4),
    controller=dict(type="mmaux.PPOController"),
    evaluator=dict(
        type="mmaux.TrainingEvaluator",
        config="mmaux::auxi_both_mbv2_rooms.py",
        schedule="short",
        options=dict(train_dataloader=dict(dataset=dict(data_root="data/rooms"))),
        # Half a minute of one CPU core on average; mmcv's deformable convolution is the slowest part.
        iterations=24,
        batch_size=8,
        # A third of that from scratch, with which a short training ends below where it began.
        learning_rate=1e-3,
        points=2,
        val_fraction=0.2,
        num_train=300,
        num_val=60,
        # Trained on meta-train only: it must not have seen the images that candidates are measured
        # on.
        start_iterations=400,
        work_dir="work_dirs/auxi_search_mbv2_rooms",
    ),
    candidates=60,
    seed=0,
    early_stopping=dict(quantile=0.3, min_candidates=10),
)

# For tools/analysis/rank_correlation.py: settings of the evaluator that differ from those above.
rank_study = dict(
    cheap=dict(
        half=dict(iterations=12),
        fast=dict(learning_rate=3e-3),
        from_scratch=dict(start_iterations=0, learning_rate=3e-3),
        shared=dict(shared_architectures=50),
    ),
    long=dict(iterations=200, points=4),
)
