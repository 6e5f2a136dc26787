import numpy as np
import pytest
import torch
from torch import nn

from mmaux.engine.optimizers.hidden_state import full_state, load_full_state
from mmaux.registry import TASK_OPTIMIZATION


class Remembering(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.inner = nn.Module()
        self.inner.history = []
        self.array = np.zeros(2)
        self.key = None
        self.call = len
        self.register_buffer("passing", None, persistent=False)
        self.optimizer = torch.optim.Adam(self.layer.parameters(), lr=0.1)


def test_everything_comes_back_and_nothing_is_shared():
    one, other = Remembering(), Remembering()
    one.layer(torch.ones(2)).sum().backward()
    one.optimizer.step()
    one.inner.history = [torch.ones(2), {"a": (1, 2.5)}]
    one.array += 3
    one.key = (3, torch.float64)
    one.passing = torch.full((2, 2), 7.0)
    one.call = max
    state = full_state(one)
    one.array += 1
    one.passing += 1

    load_full_state(other, state)
    assert torch.equal(other.layer.weight, one.layer.weight)
    assert torch.equal(other.inner.history[0], torch.ones(2))
    assert other.inner.history[1] == {"a": (1, 2.5)}
    assert other.array.tolist() == [3, 3]
    assert other.key == (3, torch.float64)
    assert other.passing.tolist() == [[7, 7], [7, 7]]
    assert other.call is len
    moments = [o.state_dict()["state"][0]["exp_avg"] for o in (one.optimizer, other.optimizer)]
    assert torch.equal(*moments)
    assert moments[0].abs().sum() > 0


class Elsewhere(torch.Tensor):
    """As if it were on a GPU."""

    def cpu(self):
        return self.as_subclass(torch.Tensor)

    def __deepcopy__(self, memo):
        return self.cpu().clone().as_subclass(Elsewhere)


def elsewhere(value):
    """A state as mmengine's resume loads it."""
    if isinstance(value, torch.Tensor):
        return value.as_subclass(Elsewhere)
    if isinstance(value, list | tuple):
        return type(value)(map(elsewhere, value))
    return {k: elsewhere(v) for k, v in value.items()} if isinstance(value, dict) else value


def test_what_was_on_the_cpu_is_brought_back_there():
    one, other = Remembering(), Remembering()
    one.inner.history = [torch.ones(2), {"a": torch.zeros(3)}]
    one.passing = torch.ones(2)
    state = full_state(one)
    load_full_state(other, {**state, "hidden": elsewhere(state["hidden"])})
    assert type(other.inner.history[0]) is type(other.inner.history[1]["a"]) is torch.Tensor
    assert type(other.passing) is torch.Tensor
    # What was on the GPU stays where it was loaded to.
    state["on_cpu"] = []
    load_full_state(other, {**state, "hidden": elsewhere(state["hidden"])})
    assert type(other.passing) is Elsewhere


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ({"type": "Scalarization", "scalarizer": "DWA"}, ["_last_values"]),
        ({"type": "GradNorm", "layers": ["backbone"]}, ["_first"]),
    ],
    ids=["Scalarization", "GradNorm"],
)
def test_methods_take_their_values_back_to_the_cpu(method, names):
    made = TASK_OPTIMIZATION.build(method)
    state = {
        "tasks": ("a", "b"),
        "last_values": torch.ones(2),
        "first": torch.ones(2),
        "gradient": torch.ones(2),
        "weights": torch.ones(2),
        "learner": torch.optim.Adam([torch.ones(2, requires_grad=True)]).state_dict(),
    }
    made_before = TASK_OPTIMIZATION.build(method)
    if method["type"] == "Scalarization":
        made_before._build(("a", "b"))
        state["scalarizer"] = full_state(made_before._scalarizer)
    made.load_state_dict(elsewhere(state))
    for name in names:
        assert type(getattr(made, name)) is torch.Tensor
