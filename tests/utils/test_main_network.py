import pytest
import torch
from torch import nn

from mmaux.utils.main_network import load_main_network, weights_of


class Network(nn.Module):
    """A backbone and a head, with either of mmaux's and mmseg's training-only parts."""

    def __init__(self, *training_only: str) -> None:
        super().__init__()
        self.backbone = nn.Linear(2, 3)
        self.heads = nn.ModuleDict({"depth": nn.Linear(3, 1)})
        for name in training_only:
            setattr(self, name, nn.Linear(3, 2))


def test_weights_of_a_checkpoint() -> None:
    state = {"a.weight": torch.ones(2)}
    assert weights_of(state, "x") == state
    assert weights_of({"state_dict": state, "meta": {}}, "x") == state
    assert weights_of({f"module.{key}": value for key, value in state.items()}, "x") == state
    for loaded in ({"meta": {}}, {"state_dict": {}}, [1], {"state_dict": 3}):
        with pytest.raises(ValueError, match="checkpoint 'x' holds no weights"):
            weights_of(loaded, "x")


@pytest.mark.parametrize("ours", [(), ("auxiliary",), ("auxiliary_head",)])
@pytest.mark.parametrize("theirs", [(), ("auxiliary",), ("auxiliary_head",)])
def test_training_only_parts_may_differ(ours, theirs) -> None:
    network, other = Network(*ours), Network(*theirs)
    load_main_network(network, other.state_dict(), source="x")
    for name in ("backbone", "heads"):
        for mine, loaded in zip(
            getattr(network, name).parameters(), getattr(other, name).parameters(), strict=True
        ):
            torch.testing.assert_close(mine, loaded)


def test_a_main_part_may_not() -> None:
    for change in ("missing", "unexpected", "mismatched"):
        state = Network().state_dict()
        if change == "missing":
            del state["heads.depth.bias"]
        elif change == "unexpected":
            state["heads.normal.bias"] = torch.zeros(1)
        else:
            state["backbone.weight"] = torch.zeros(5, 2)
        network = Network()
        before = {key: value.clone() for key, value in network.state_dict().items()}
        with pytest.raises(ValueError, match="checkpoint 'x' is not of this config's network"):
            load_main_network(network, state, source="x")
        for key, value in network.state_dict().items():
            assert torch.equal(value, before[key])
