import pytest
import torch
from mmengine.runner import Runner
from networks import auxiliary, build_network
from run_configs import small_run

from mmaux.engine.hooks import CompleteCheckpointHook


def run_test(folder, state_dict, **model):
    path = folder / "weights.pth"
    torch.save({"state_dict": state_dict}, path)
    config = small_run(folder, **model)
    config.load_from = str(path)
    runner = Runner.from_cfg(config)
    runner.register_hook(CompleteCheckpointHook())
    return runner.test()


def test_a_complete_checkpoint_is_tested(tmp_path):
    metrics = run_test(tmp_path, build_network().state_dict())
    assert 0 <= metrics["semseg/mIoU"] <= 100


def test_a_checkpoint_with_an_auxiliary_module_serves_a_network_without(tmp_path):
    run_test(tmp_path, build_network(auxiliary=auxiliary()).state_dict())


def test_a_stripped_checkpoint_serves_a_config_of_training(tmp_path):
    weighting = {"type": "mmaux.UncertaintyWeighting"}
    state = build_network().state_dict()
    run_test(tmp_path, state, auxiliary=auxiliary(), task_weighting=weighting)


def test_a_missing_head_is_refused(tmp_path):
    state = {k: v for k, v in build_network().state_dict().items() if "heads.normal" not in k}
    with pytest.raises(ValueError, match=r"weights\.pth.*heads\.normal \(0 of"):
        run_test(tmp_path, state)


def test_another_architecture_is_refused(tmp_path):
    state = build_network().state_dict()
    state = {k: v[:1] if k.startswith("backbone") and v.ndim else v for k, v in state.items()}
    with pytest.raises(ValueError, match="backbone"):
        run_test(tmp_path, state)


def test_nothing_loaded_is_refused(tmp_path):
    runner = Runner.from_cfg(small_run(tmp_path))
    runner.register_hook(CompleteCheckpointHook())
    with pytest.raises(ValueError, match="nothing was loaded"):
        runner.test()
