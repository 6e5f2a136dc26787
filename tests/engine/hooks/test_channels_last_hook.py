from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.model import MMDistributedDataParallel
from mmengine.runner import Runner
from networks import build_network
from run_configs import small_run

from mmaux.engine.hooks import ChannelsLastHook


def trained(folder: Path, *hooks: dict, load_from: Path | None = None) -> Runner:
    folder.mkdir()
    config = small_run(folder, iterations=2)
    config.load_from = load_from and str(load_from)
    config.custom_hooks = list(hooks)
    runner = Runner.from_cfg(config)
    runner.train()
    return runner


def test_only_the_layout_in_memory_changes(tmp_path: Path) -> None:
    start = tmp_path / "start.pth"
    torch.save({"state_dict": build_network().state_dict()}, start)
    plain = trained(tmp_path / "plain", load_from=start)
    laid_out = trained(tmp_path / "laid_out", {"type": "mmaux.ChannelsLastHook"}, load_from=start)
    assert any(isinstance(hook, ChannelsLastHook) for hook in laid_out.hooks)
    shapes = [{n: v.shape for n, v in r.model.state_dict().items()} for r in (plain, laid_out)]
    assert shapes[0] == shapes[1]
    # Rounding differs, and a step of batch normalisation enlarges it: the first losses must agree.
    first, second = (r.message_hub.get_scalar("train/loss").data[0] for r in (plain, laid_out))
    assert first[0] == pytest.approx(second[0], rel=1e-4)
    assert first[1] == pytest.approx(second[1], rel=1e-2)
    kernels = [p for p in laid_out.model.parameters() if p.ndim == 4 and p.shape[1] > 1]
    wide = [p for p in kernels if p.shape[2] > 1]
    assert wide
    assert all(p.is_contiguous(memory_format=torch.channels_last) for p in kernels)
    assert not any(p.is_contiguous() for p in wide)


def test_a_checkpoint_of_either_layout_is_the_same_file_to_its_readers(tmp_path: Path) -> None:
    trained(tmp_path / "run", {"type": "mmaux.ChannelsLastHook"})
    saved = torch.load(tmp_path / "run/work/iter_2.pth", weights_only=False)["state_dict"]
    runner = Runner.from_cfg(small_run(tmp_path / "run"))
    runner.load_or_resume()
    before = {name: value.clone() for name, value in runner.model.state_dict().items()}
    runner.model.load_state_dict(saved)
    assert any(not torch.equal(before[name], value) for name, value in saved.items())
    for name, value in runner.model.state_dict().items():
        assert torch.equal(saved[name], value), name


@pytest.mark.parametrize("wrapped", [False, True])
def test_wrapped_models_are_reached(wrapped: bool) -> None:
    model = torch.nn.Conv2d(2, 2, 3)
    holder: object = model
    if wrapped:  # as a wrapper holds it, without a process group
        holder = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
        torch.nn.Module.__init__(holder)
        holder.module = model
    ChannelsLastHook().before_run(SimpleNamespace(model=holder))
    assert model.weight.is_contiguous(memory_format=torch.channels_last)
