import numpy as np
import torch
from torch import nn

from mmaux.engine.optimizers.hidden_state import full_state, load_full_state


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
