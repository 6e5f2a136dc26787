import math

import pytest
import torch
from mmseg.structures import SegDataSample
from networks import decoder, heads

from mmaux.models import NormalHead
from mmaux.registry import MODELS


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


def test_training_starts_from_a_surface_that_faces_the_camera_and_finds_others():
    """Without the bias the vectors freeze in the mean direction: about 1.4 times the loss."""
    torch.manual_seed(0)
    head = MODELS.build(heads("normal")["normal"])
    head.init_weights()
    features = [torch.rand(2, c, 8, 8) for c in (8, 8, 24, 80)]
    start = head.predict_field(features, (8, 8)).mean((0, 2, 3))
    assert start[2] < -0.9
    centre = torch.tensor([0.5, 0.5, 1.0]).view(3, 1, 1)
    target = torch.nn.functional.normalize(features[3][:, :3] - centre, dim=1)
    optimizer = torch.optim.SGD(head.parameters(), lr=0.05, momentum=0.9)
    for _ in range(60):
        optimizer.zero_grad()
        field = head.predict_field(features, (8, 8))
        loss = (1 - (field * target).sum(1)).mean()
        loss.backward()
        optimizer.step()
    mean = torch.nn.functional.normalize(target.mean((0, 2, 3), keepdim=True), dim=1)
    constant = (1 - (mean * target).sum(1)).mean()
    assert loss < 0.5 * constant
