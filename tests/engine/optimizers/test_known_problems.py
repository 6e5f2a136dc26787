"""Quadratic tasks L_k = s_k / 2 |x - p_k|^2, whose Pareto set is the convex hull of the p_k."""

import pytest
import torch
from multi_task_toy import wrapper_of
from torch import nn

pytest.importorskip("torchjd")

SCALARIZERS = ("Sum", "GeometricMean", "FAMO", "UW", "IMTLL", "DWA", "Random")
AGGREGATORS = (
    "MGDA",
    "PCGrad",
    "IMTLG",
    "NashMTL",
    "AlignedMTL",
    "UPGrad",
    "DualProj",
    "GradVac",
    "GradDrop",
)
METHODS = {
    **{name: {"type": "mmaux.Scalarization", "scalarizer": name} for name in SCALARIZERS},
    **{name: {"type": "mmaux.Aggregation", "aggregator": name} for name in AGGREGATORS},
    "CAGrad": {"type": "mmaux.Aggregation", "aggregator": {"type": "CAGrad", "c": 0.4}},
    "FairGrad": {"type": "mmaux.Aggregation", "aggregator": {"type": "FairGrad", "alpha": 1.0}},
    "alternation": {"type": "mmaux.Alternation"},
}
ENDS = [[0.0, 0.0], [4.0, 0.0]]
CORNERS = [[0.0, 0.0], [4.0, 0.0], [2.0, 3.0]]
SCALES = [1.0, 30.0, 1000.0]


class Quadratics(nn.Module):
    def __init__(self, points, scales, start):
        super().__init__()
        self.x = nn.Parameter(torch.tensor(start).double())
        self.points = torch.tensor(points).double()
        self.scales = scales
        self.training_tasks = None

    def data_preprocessor(self, data, training):
        return data

    def _run_forward(self, data, mode):
        pairs = enumerate(zip(self.points, self.scales, strict=True))
        return {
            f"t{k}.loss": 0.5 * scale * (self.x - point).square().sum()
            for k, (point, scale) in pairs
            if self.training_tasks is None or f"t{k}" in self.training_tasks
        }


def end_of(method, *, points, scales, start, optimizer, steps=150):
    model = Quadratics(points, scales, start)
    wrapper = wrapper_of(model, method, optimizer=optimizer(model.parameters()))
    decay = torch.optim.lr_scheduler.LinearLR(wrapper.optimizer, 1.0, 0.01, steps)
    for _ in range(steps):
        wrapper.train_step(model, None)
        decay.step()
    return model.x.detach()


def two(name, *, scales=(1.0, 1.0), start=(1.0, 3.0)):
    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.1)

    x, y = end_of(METHODS[name], points=ENDS, scales=scales, start=start, optimizer=sgd).tolist()
    assert y == pytest.approx(0, abs=0.05), "off the Pareto set"
    assert -0.01 < x < 4.01
    return x


@pytest.mark.parametrize("name", METHODS)
def test_every_method_ends_on_the_pareto_set(name):
    two(name)


def test_where_each_family_ends_between_two_tasks():
    # The minimum of the sum: s-weighted mean of the points.
    for name in ("Sum", "GradVac", "CAGrad", "alternation"):
        assert two(name) == pytest.approx(2.0, abs=0.02), name
        assert two(name, scales=(1.0, 10.0)) == pytest.approx(40 / 11, abs=0.03), name
    # The shortest vector in the hull of the gradients is at right angles to the segment.
    assert two("MGDA") == pytest.approx(1.0, abs=0.01)
    # A product of losses is least where one of them is 0: at the nearer end.
    assert two("GeometricMean") == pytest.approx(0.0, abs=0.02)
    # Equal projections on the tasks' gradients do not know the losses' scales.
    for name in ("IMTLG", "FairGrad"):
        assert two(name, scales=(1.0, 10.0)) == pytest.approx(two(name), abs=0.02), name


def test_whose_moments_decide_between_badly_scaled_tasks():
    """Adam divides by moments that the largest gradients fill, or by each task's own."""
    weighted_mean = [
        sum(s * p[i] for s, p in zip(SCALES, CORNERS, strict=True)) / 1031 for i in (0, 1)
    ]

    def end(state, groups):
        return end_of(
            {"type": "mmaux.Alternation", "state": state, "groups": groups},
            points=CORNERS,
            scales=SCALES,
            start=(-1.0, -1.0),
            optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.05),
            steps=600,
        ).tolist()

    assert end("shared", 1) == pytest.approx(weighted_mean, abs=0.01)
    assert end("shared", 3) == pytest.approx(weighted_mean, abs=0.05)
    # Steps of the size of the learning rate whatever the gradient's: as descent along its sign,
    # whose end is the median of each coordinate.
    for state in ("per_task", "pooled"):
        assert end(state, 3) == pytest.approx([2.0, 0.0], abs=0.15)
        # The mean of a group hands its members the largest task's gradient again.
        assert end(state, 2) == pytest.approx(weighted_mean, abs=0.1)
