import random
from typing import Any

import pytest
import torch
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmaux.search.evaluators.candidate_training import train_network
from mmaux.search.evaluators.memory_data import TrainingSet

SGD = {"type": "mmengine.OptimWrapper", "optimizer": {"type": "mmengine.SGD", "lr": 0.4}}


class Recorder(nn.Module):
    """Notes what it is trained with; its loss pulls a weight towards zero."""

    def __init__(self, *losses: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.losses = losses
        self.rates: list[float] = []
        self.drawn: list[float] = []
        self.modes: list[bool] = []

    def train_step(self, data: dict[str, Any], wrapper: Any) -> dict[str, Tensor]:
        assert self.data_preprocessor(data, True) is data
        self.rates.append(wrapper.optimizer.param_groups[0]["lr"])
        self.drawn.append(random.random() + float(torch.rand(())))
        self.modes.append(self.training)
        loss = self.weight * (self.losses[len(self.rates) - 1] if self.losses else 1.0)
        wrapper.update_params(loss)
        return {"loss": loss.detach()}


def data_set() -> TrainingSet:
    samples = tuple(SegDataSample() for _ in range(4))
    return TrainingSet(torch.zeros(1, 4, 3, 2, 2), (samples,), 0.0)


def train(network: nn.Module, *stops: int, iterations: int = 4, seed: int = 0) -> list[int]:
    reached = []
    for iteration in train_network(
        network,
        data_set(),
        optim_wrapper=SGD,
        iterations=iterations,
        batch_size=2,
        seed=seed,
        stops=stops,
    ):
        reached.append(iteration)
        network.eval()
        torch.rand(iteration)  # what a caller draws meanwhile must not matter
    return reached


def test_the_learning_rate_falls_linearly_to_zero() -> None:
    network = Recorder()
    assert train(network, 2, 4) == [2, 4]
    assert network.rates == pytest.approx([0.4, 0.3, 0.2, 0.1])
    # 1 - (0.4 + 0.3 + 0.2 + 0.1)
    assert float(network.weight.detach()) == pytest.approx(0, abs=1e-6)
    assert network.modes == [True] * 4


def test_what_is_drawn_depends_on_seed_and_iteration_alone() -> None:
    first, second, other = Recorder(), Recorder(), Recorder()
    train(first, 4)
    train(second, 1, 2, 4)
    train(other, 4, seed=1)
    assert first.drawn == second.drawn
    assert first.drawn != other.drawn
    assert len(set(first.drawn)) == 4


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_raises_at_the_next_stop(bad: float) -> None:
    network = Recorder(1.0, bad, 1.0, 1.0)
    with pytest.raises(FloatingPointError, match="not finite within 3 iterations"):
        train(network, 1, 3)
    assert len(network.rates) == 3
