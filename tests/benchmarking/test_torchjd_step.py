import pytest
import torch
from mmengine.config import Config
from small_runs import CONFIGS

pytest.importorskip("torchjd")

from mmaux.benchmarking.input_size import with_training_size
from mmaux.benchmarking.torchjd_step import TorchjdStep
from mmaux.benchmarking.training_step import TrainingStep


def test_torchjd_by_hand_makes_the_same_step() -> None:
    """What the benchmark compares must be the same work."""
    config = Config.fromfile(CONFIGS / "auxi_both_mbv2_rooms.py")
    config = with_training_size(config, (32, 48))
    config.optim_wrapper = {
        "type": "mmaux.MultiTaskOptimWrapper",
        "optimizer": {"type": "mmengine.SGD", "lr": 0.1},
        "method": {"type": "mmaux.Aggregation", "aggregator": "MGDA"},
    }
    ours = TrainingStep(config, batch_size=2)
    by_hand = TorchjdStep(config, aggregator="MGDA", batch_size=2)
    before = [p.detach().clone() for p in ours.model.parameters()]
    for step in (ours, by_hand):
        torch.manual_seed(0)  # dropout
        step()
    assert float(ours.log["loss"]) == pytest.approx(float(by_hand.log["loss"]), rel=1e-6)
    moved = 0.0
    pairs = zip(before, ours.model.parameters(), by_hand.model.parameters(), strict=True)
    for old, one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)
        moved = max(moved, float((one - old).abs().max()))
    assert moved > 1e-3
