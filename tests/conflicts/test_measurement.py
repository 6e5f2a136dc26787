"""A shared weight w and losses whose gradients in it are written down."""

import math

import pytest
import torch
from mmengine.model import BaseDataPreprocessor, BaseModel
from torch import nn

from mmaux.conflicts import measure_conflicts, shared_layers


class Linear(BaseModel):
    """The loss of each task is <w, g> with a vector g of the batch; ``own`` is one task's."""

    def __init__(self):
        super().__init__(BaseDataPreprocessor())
        self.backbone = nn.Module()
        self.backbone.stage = nn.Linear(2, 1, bias=False)
        self.backbone.norm = nn.BatchNorm2d(2)
        self.backbone.blocks = nn.ModuleList([nn.Linear(1, 1), nn.Identity()])
        self.neck = None
        self.own = nn.Linear(2, 1, bias=False)

    def forward(self, mode="loss", **gradients):
        losses = {}
        for task, g in gradients.items():
            losses[f"{task}.loss"] = 0.5 * (self.backbone.stage.weight * g).sum()
            losses[f"{task}.aux.loss"] = 0.5 * (self.backbone.stage.weight * g).sum()
            losses[f"{task}.acc"] = g.sum()
        losses["a.loss_own"] = self.own.weight.sum()
        return losses


def measure(*batches, layers=("backbone.stage",)):
    model = Linear().double()
    tensors = [{t: torch.tensor(g).double() for t, g in batch.items()} for batch in batches]
    return measure_conflicts(model, tensors, layers)


def test_norms_and_cosines_by_hand():
    """|g_a| = 5, 10; |g_b| = 1, 3. Cosines of a and b: 3/5, -1; mean -0.2, deviation 0.8 sqrt 2."""
    first = {"a": [3.0, 4.0], "b": [1.0, 0.0], "c": [-4.0, 3.0]}
    second = {"a": [6.0, 8.0], "b": [-1.8, -2.4], "c": [0.0, 0.0]}
    (layer,) = measure(first, second)
    assert layer.name == "backbone.stage"
    assert layer.norms == pytest.approx({"a": 7.5, "b": 2.0, "c": 5.0})  # no label, no part in it
    assert layer.imbalance == pytest.approx(3.75)
    pairs = {(pair.first, pair.second): pair for pair in layer.pairs}
    assert list(pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    cosine = pairs["a", "b"].cosine
    assert cosine.mean == pytest.approx(-0.2)
    # The t quantile of one degree of freedom is tan(0.95 pi / 2); s / sqrt 2 = 0.8.
    half = math.tan(0.95 * math.pi / 2) * 0.8
    assert (cosine.low, cosine.high) == pytest.approx((-0.2 - half, -0.2 + half))
    assert pairs["a", "b"].negative == 0.5
    assert pairs["a", "c"].cosine.mean == pytest.approx(0.0, abs=1e-12)
    assert (pairs["b", "c"].cosine.mean, pairs["b", "c"].cosine.count) == (pytest.approx(-0.8), 1)
    assert pairs["b", "c"].cosine.low is None


def test_a_layer_of_one_task_has_no_pairs():
    batch = {"a": [3.0, 4.0], "b": [1.0, 0.0]}
    _, own = measure(batch, batch, layers=("backbone.stage", "own"))
    assert own.norms == {"a": pytest.approx(math.sqrt(2))}
    assert own.pairs == ()
    assert own.imbalance == 1


def test_nothing_is_trained():
    model = Linear().double()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    batch = {"a": torch.ones(2).double(), "b": torch.ones(2).double()}
    measure_conflicts(model, [batch], ["backbone.stage"])
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_what_cannot_be_measured():
    with pytest.raises(ValueError, match=r"belong to one \(a\); give a config with two heads"):
        measure({"a": [1.0, 0.0]})
    with pytest.raises(ValueError, match="no batch to measure"):
        measure()
    with pytest.raises(ValueError, match=r"gradients in 'backbone\.stage' are not finite"):
        measure({"a": [1.0, 0.0], "b": [math.nan, 0.0]})
    with pytest.raises(ValueError, match=r"the model has no module 'backbone\.stag'"):
        measure({"a": [1.0, 0.0]}, layers=("backbone.stag",))


def test_default_layers_are_stages_and_neck():
    model = Linear()
    assert shared_layers(model) == ("backbone.stage", "backbone.blocks.0")
    model.neck = nn.Linear(1, 1)
    model.backbone.stage.requires_grad_(False)
    assert shared_layers(model) == ("backbone.blocks.0", "neck")
    with pytest.raises(ValueError, match="Identity has no trained backbone or neck; name"):
        shared_layers(nn.Identity())
