import pytest
import torch
from mmseg.structures import SegDataSample
from networks import decoder

from mmaux.models import SemSegHead


@pytest.fixture(scope="module")
def head():
    return SemSegHead(num_classes=3, decoder=decoder())


def test_prediction_is_the_most_likely_class(head):
    logits = torch.tensor([[[0.0, 5.0]], [[1.0, -1.0]], [[0.5, 0.0]]])
    prediction = head.to_prediction(logits)
    assert prediction["pred_sem_seg"].data.tolist() == [[[1, 0]]]
    assert prediction["pred_sem_seg"].data.dtype == torch.int64
    assert torch.equal(prediction["seg_logits"].data, logits)


def test_accuracy_counts_labelled_pixels_in_percent(head):
    raw = torch.zeros(1, 3, 1, 5)
    raw[0, 1] = 1.0
    target = torch.tensor([[[[1, 1, 0, 1, 255]]]])
    assert head.loss_by_map(raw, target)["acc_seg"].item() == pytest.approx(75.0)


def test_padding_does_not_dilute_the_loss(head):
    raw, target = torch.randn(1, 3, 4, 5), torch.randint(0, 3, (1, 1, 4, 5))
    alone = head.loss_by_map(raw, target)["loss_ce"]
    padded = head.loss_by_map(
        torch.cat([raw, torch.randn(1, 3, 4, 5)], dim=3),
        torch.cat([target, torch.full_like(target, 255)], dim=3),
    )["loss_ce"]
    assert padded.item() == pytest.approx(alone.item(), rel=1e-6)


def test_merging_averages_probabilities_and_not_logits(head):
    samples = []
    for logits in ([4.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]):
        sample = SegDataSample()
        sample.set_data(head.to_prediction(torch.tensor(logits).view(3, 1, 1)))
        samples.append(sample)
    merged = head.merge(samples)
    e = torch.tensor
    first = torch.softmax(e([4.0, 0, 0]), 0)
    second = torch.softmax(e([0.0, 1, 0]), 0)
    expected = (first + 2 * second) / 3
    torch.testing.assert_close(merged["seg_logits"].data.exp().flatten(), expected)
    assert merged["pred_sem_seg"].data.item() == int(expected.argmax())


def test_probability_zero_stays_finite(head):
    sample = SegDataSample()
    sample.set_data(head.to_prediction(torch.tensor([500.0, -500.0, 0.0]).view(3, 1, 1)))
    merged = head.merge([sample])
    assert merged["seg_logits"].data.isfinite().all()
    assert merged["pred_sem_seg"].data.item() == 0


def test_one_class_is_none():
    with pytest.raises(ValueError, match="num_classes is 1; the likeliest of one class says"):
        SemSegHead(num_classes=1, decoder=decoder())
