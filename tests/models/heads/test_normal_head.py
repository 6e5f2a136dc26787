import math

import pytest
import torch
from mmseg.structures import SegDataSample
from networks import decoder

from mmaux.models import NormalHead


@pytest.fixture(scope="module")
def head():
    return NormalHead(decoder=decoder())


def test_the_field_has_unit_vectors(head):
    raw = torch.tensor([3.0, 0.0, -4.0]).view(1, 3, 1, 1)
    torch.testing.assert_close(head.activate(raw).flatten(), torch.tensor([0.6, 0, -0.8]))
    assert head.activate(raw.half()).dtype == torch.float32
    assert head.activate(torch.zeros(1, 3, 1, 1)).flatten().tolist() == [0, 0, 0]


def test_a_horizontal_flip_negates_x_back(head):
    field = torch.tensor([[[0.6, 0.0]], [[0.0, 1.0]], [[-0.8, 0.0]]])
    undone = head.unflip(field, "horizontal")
    torch.testing.assert_close(undone[:, 0, 1], torch.tensor([-0.6, 0, -0.8]))
    torch.testing.assert_close(undone[:, 0, 0], torch.tensor([0.0, 1.0, 0]))


def test_predictions_are_unit_vectors_after_resizing(head):
    field = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]]])
    restored = head.restore(field, {"ori_shape": (1, 4)})
    assert restored.norm(dim=0).min() < 0.9
    prediction = head.to_prediction(restored)["pred_normal_map"].data
    torch.testing.assert_close(prediction.norm(dim=0), torch.ones(1, 4))


def test_zero_vectors_of_the_truth_are_not_learnt(head):
    raw = torch.randn(1, 3, 1, 2, requires_grad=True)
    target = torch.tensor([[[[0.0, 0.0]], [[0.0, 0.0]], [[-1.0, 0.0]]]])
    head.loss_by_map(raw, target)["loss_cosine"].backward()
    assert raw.grad[..., 0].abs().sum() > 0
    assert (raw.grad[..., 1] == 0).all()


def test_a_vector_with_one_nan_is_invalid(head):
    target = torch.tensor([0.0, math.nan, -1.0]).view(1, 3, 1, 1)
    assert not head.valid_mask(target).any()


def test_merging_gives_the_direction_of_the_mean(head):
    samples = []
    for vector in ([1.0, 0, 0], [0.0, 0, -1.0]):
        sample = SegDataSample()
        sample.set_data(head.to_prediction(torch.tensor(vector).view(3, 1, 1)))
        samples.append(sample)
    merged = head.merge(samples)["pred_normal_map"].data.flatten()
    torch.testing.assert_close(merged, torch.tensor([1.0, 0, -1.0]) / math.sqrt(2))
