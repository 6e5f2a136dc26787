default_scope = "mmaux"
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method="fork", opencv_num_threads=0),
    dist_cfg=dict(backend="nccl"),
)
randomness = dict(seed=0)

default_hooks = dict(
    timer=dict(type="mmengine.IterTimerHook"),
    logger=dict(type="mmaux.MasterLoggerHook", interval=50, log_metric_by_epoch=False),
    param_scheduler=dict(type="mmengine.ParamSchedulerHook"),
    checkpoint=dict(
        type="mmaux.AtomicCheckpointHook", by_epoch=False, interval=5000, max_keep_ckpts=3
    ),
    sampler_seed=dict(type="mmengine.DistSamplerSeedHook"),
    visualization=dict(type="mmseg.SegVisualizationHook"),
)
custom_hooks = [dict(type="mmaux.TaskDataCheckHook")]

vis_backends = [dict(type="mmengine.LocalVisBackend")]
visualizer = dict(type="mmaux.MultiTaskVisualizer", vis_backends=vis_backends, name="visualizer")
log_processor = dict(by_epoch=False)
log_level = "INFO"
load_from = None
resume = False

tta_model = dict(type="mmaux.MultiTaskTTAModel")
