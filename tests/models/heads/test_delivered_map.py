import math

import pytest
import torch
from networks import build_network

from mmaux.models.heads.delivered_map import (
    CLASS_MAP,
    DELIVERED_MAPS,
    METRES,
    SCENE,
    UNIT_VECTORS,
)


def test_last_steps_by_hand() -> None:
    logits = torch.tensor([[1.0, 5.0], [2.0, 4.0]]).view(2, 1, 2)
    assert CLASS_MAP.finish(logits, None).tolist() == [[[1, 0]]]
    # Of the whole image: means 3 and 3.5.
    assert SCENE.finish(torch.stack([logits, logits + 0.5]), None).tolist() == [[[[0]]], [[[0]]]]
    logits = torch.tensor([[1.0, 5.0], [3.0, 4.0]]).view(2, 1, 2)
    assert SCENE.finish(logits, None).tolist() == [[[1]]]
    depth = torch.tensor([[[-1.0, 2.0, 90.0]]])
    assert METRES.finish(depth, (0.5, 80.0)).tolist() == [[[0.5, 2.0, 80.0]]]
    assert METRES.finish(depth, None) is depth
    vectors = torch.tensor([3.0, 0.0, 4.0]).view(3, 1, 1)
    assert torch.allclose(UNIT_VECTORS.finish(vectors, None).flatten(), torch.tensor([0.6, 0, 0.8]))


def test_enlarged_by_hand() -> None:
    ids = torch.tensor([[3, 2**40]]).view(1, 1, 1, 2)
    assert CLASS_MAP.enlarge(ids, (2, 4), 0.5).tolist() == [[2 * [[3, 3, 2**40, 2**40]]]]
    logits = torch.tensor([2.0, 6.0]).view(1, 1, 1, 2)
    assert CLASS_MAP.enlarge(logits, (1, 4), 0.5).tolist() == [[[[2.0, 3.0, 5.0, 6.0]]]]
    assert SCENE.enlarge(ids[..., :1], (2, 4), 0.5).tolist() == [[[[3]]]]
    # Half as large, things look twice as far away.
    depth = torch.tensor([2.0, 6.0]).view(1, 1, 1, 2)
    assert METRES.enlarge(depth, (1, 4), 0.5).tolist() == [[[[1.0, 1.5, 2.5, 3.0]]]]
    vectors = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]).view(1, 3, 1, 2)
    found = UNIT_VECTORS.enlarge(vectors, (1, 4), 0.5)[0, :, 0]
    expected = torch.tensor([[1.0, 0.75, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.25, 0.75, 1.0]])
    assert torch.allclose(found, expected / expected.norm(dim=0))


def test_deviations_by_hand() -> None:
    classes = torch.arange(8).view(2, 1, 2, 2)
    other = classes.clone()
    other[1, 0, 1, 0] = 0
    assert CLASS_MAP.deviation(classes, other) == 12.5
    depth = torch.tensor([1.0, 2.0, 4.0])
    assert METRES.deviation(depth, depth + torch.tensor([0.0, -0.5, 0.25])) == 0.5
    first = torch.zeros(1, 3, 1, 2)
    first[:, 2] = 1
    for degrees in (0.0, 1e-3, 0.1, 90.0, 180.0):
        angle = math.radians(degrees)
        second = first.double()
        second[0, :, 0, 1] = torch.tensor([math.sin(angle), 0, math.cos(angle)]).double()
        found = UNIT_VECTORS.deviation(first, second)
        assert found == pytest.approx(degrees, rel=1e-6, abs=1e-12)


def test_tolerances_are_those_of_a_deployed_network() -> None:
    assert (CLASS_MAP.tolerance, CLASS_MAP.deviation_unit) == (0.1, "% other classes")
    assert (METRES.tolerance, METRES.deviation_unit) == (1e-3, "m")
    assert (UNIT_VECTORS.tolerance, UNIT_VECTORS.deviation_unit) == (0.1, "degree")
    assert {unit: kind.unit for unit, kind in DELIVERED_MAPS.items()} == {
        unit: unit for unit in ("class id", "metre", "unit vector", "scene id")
    }


def test_not_a_number_is_a_deviation() -> None:
    broken = torch.full((1, 3, 2, 2), float("nan"))
    assert math.isnan(METRES.deviation(broken, torch.zeros(1, 3, 2, 2)))
    assert math.isnan(UNIT_VECTORS.deviation(broken, torch.ones(1, 3, 2, 2)))


def test_delivered_batches_are_the_predictions_of_single_images() -> None:
    generator = torch.Generator().manual_seed(0)
    for head in build_network().heads.values():
        fields = 50 * torch.randn(2, head.out_channels, 5, 7, generator=generator)
        delivered = head.deliver(fields)
        name = head.target.sample_field.replace("gt_", "pred_")
        for field, expected in zip(fields, delivered, strict=True):
            assert torch.equal(head.to_prediction(field)[name].data, expected)


def test_head_that_delivers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    head = build_network("depth").heads["depth"]
    monkeypatch.setattr(type(head), "delivered", None)
    with pytest.raises(ValueError, match=r"DepthHead cannot be exported.*`delivered`"):
        head.deliver(torch.zeros(1, 1, 2, 2))
