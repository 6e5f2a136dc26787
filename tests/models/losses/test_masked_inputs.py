import pytest
import torch

from mmaux.models.losses import masked_inputs


def maps(channels=1):
    return (
        torch.rand(2, channels, 3, 4),
        torch.rand(2, channels, 3, 4),
        torch.rand(2, 1, 3, 4) > 0.5,
    )


def test_invalid_pixels_become_one_and_valid_ones_stay():
    pred, target, mask = maps(3)
    pred[:, :, 0, 0] = torch.nan
    target[:, :, 0, 0] = 0
    mask[:, :, 0, 0] = False
    safe_pred, safe_target = masked_inputs(pred, target, mask)
    valid = mask.expand_as(pred)
    assert torch.equal(safe_pred[valid], pred[valid])
    assert torch.equal(safe_target[valid], target[valid])
    assert (safe_pred[~valid] == 1).all()
    assert (safe_target[~valid] == 1).all()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_halves_are_computed_in_float32(given, used):
    pred, target, mask = maps()
    pred, target = masked_inputs(pred.to(given), target, mask)
    assert pred.dtype == target.dtype == used


def test_shapes_of_prediction_and_target_are_named():
    pred, target, mask = maps()
    with pytest.raises(ValueError, match=r"pred has shape \(2, 1, 3, 4\).*\(2, 1, 2, 4\)"):
        masked_inputs(pred, target[:, :, :2], mask)
    with pytest.raises(ValueError, match=r"\(2, 3, 4\).*\(N, C, H, W\)"):
        masked_inputs(pred[:, 0], target[:, 0], mask)


def test_channels_are_named():
    with pytest.raises(ValueError, match=r"\(2, 1, 3, 4\).*needs C = 3 channels, found 1"):
        masked_inputs(*maps(), channels=3)


def test_mask_must_fit_and_be_boolean():
    pred, target, mask = maps(3)
    with pytest.raises(ValueError, match=r"mask has shape \(2, 3, 4\).*\(2, 1, 3, 4\)"):
        masked_inputs(pred, target, mask[:, 0])
    with pytest.raises(ValueError, match=r"mask has shape \(2, 3, 3, 4\).*\(2, 1, 3, 4\)"):
        masked_inputs(pred, target, mask.expand_as(pred))
    with pytest.raises(ValueError, match=r"torch\.float32.*expected torch\.bool"):
        masked_inputs(pred, target, mask.float())


def test_integer_maps_are_refused():
    pred, target, mask = maps()
    with pytest.raises(ValueError, match=r"target is torch\.int64 of shape \(2, 1, 3, 4\)"):
        masked_inputs(pred, target.long(), mask)
