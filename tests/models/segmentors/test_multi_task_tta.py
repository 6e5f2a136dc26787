"""Through mmcv's TestTimeAug and ``test_step``, as a Runner does it."""

import pytest
import torch
from folders import room_config, write_room
from mmengine.dataset import pseudo_collate
from networks import CLASSES, build_network

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.models import MultiTaskTTAModel
from mmaux.registry import MODELS


def tta(*flips, resize=None):
    steps = [[{"type": "mmaux.RandomFlip", "prob": p, "direction": "horizontal"} for p in flips]]
    if resize is not None:
        sizes = [
            {"type": "mmaux.Resize", "scale_factor": factor, "keep_ratio": True}
            for factor in resize
        ]
        steps.insert(0, sizes)
    steps += [[{"type": "mmaux.LoadTargets"}], [{"type": "mmaux.PackMultiTaskInputs"}]]
    return [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmcv.TestTimeAug", "transforms": steps},
    ]


def load(root, pipeline):
    return pseudo_collate([MultiTaskFolderDataset(**room_config(root, pipeline=pipeline))[0]])


def seen_by_a_camera(inputs):
    """A known function of the image; mirrored images get what a mirrored world would give.

    The blue channel becomes depth and the logits. Normals point along the picture's horizontal
    gradient, a vector that changes its sign in a mirror.
    """
    value = inputs[:, :1] / 64
    slope = torch.zeros_like(value)
    slope[..., 1:-1] = value[..., 2:] - value[..., :-2]
    classes = torch.arange(CLASSES, dtype=value.dtype).view(1, -1, 1, 1)
    logits = -((classes - value) ** 2)
    normals = torch.cat([slope, value * 0 + 0.3, value * 0 - 1], dim=1)
    return torch.cat([logits, value, normals / normals.norm(dim=1, keepdim=True)], dim=1)


@pytest.fixture
def model(monkeypatch):
    network = build_network(data_preprocessor={"type": "mmaux.MultiTaskDataPreProcessor"})
    monkeypatch.setattr(network, "encode_decode", lambda inputs, metas: seen_by_a_camera(inputs))
    return MultiTaskTTAModel(module=network).eval()


@pytest.fixture
def room(tmp_path):
    write_room(tmp_path, "a")
    return tmp_path


def predict(model, root, *flips, **kwargs):
    with torch.no_grad():
        (sample,) = model.test_step(load(root, tta(*flips, **kwargs)))
    return sample


FIELDS = ("pred_sem_seg", "pred_depth_map", "pred_normal_map", "seg_logits")


def test_the_flipped_image_alone_gives_the_same_maps(model, room):
    straight = predict(model, room, 0.0)
    mirrored = predict(model, room, 1.0)
    assert straight.pred_normal_map.data[0].abs().max() > 0.1
    for name in FIELDS:
        assert torch.equal(getattr(straight, name).data, getattr(mirrored, name).data), name


def test_merging_both_gives_the_same_again(model, room):
    straight = predict(model, room, 0.0)
    both = predict(model, room, 0.0, 1.0)
    for name in FIELDS:
        torch.testing.assert_close(getattr(both, name).data, getattr(straight, name).data)
    assert torch.equal(both.pred_depth_map.data, straight.pred_depth_map.data)
    assert torch.equal(both.pred_sem_seg.data, straight.pred_sem_seg.data)


def test_forgetting_to_negate_x_would_be_noticed(model, room, monkeypatch):
    head = model.module.heads["normal"]
    monkeypatch.setattr(head, "unflip", lambda field, direction: field.flip(-1))
    straight, both = predict(model, room, 0.0), predict(model, room, 0.0, 1.0)
    x = straight.pred_normal_map.data[0]
    assert both.pred_normal_map.data[0].abs().max() < 1e-6 < x.abs().max()


def test_ground_truth_is_not_flipped(model, room):
    both = predict(model, room, 1.0, 0.0)  # the first version is the flipped one
    plain = load(room, tta(0.0))["data_samples"][0][0]
    for name in ("gt_sem_seg", "gt_depth_map", "gt_normal_map"):
        assert torch.equal(getattr(both, name).data, getattr(plain, name).data)


def test_scales_are_averaged_in_metres_at_the_original_size(model, room):
    sample = predict(model, room, 0.0, 1.0, resize=(1.0, 2.0))
    assert sample.pred_depth_map.data.shape[-2:] == (48, 64)
    once, twice = (predict(model, room, 0.0, resize=(f,)).pred_depth_map.data for f in (1.0, 2.0))
    torch.testing.assert_close(sample.pred_depth_map.data, (once + twice) / 2)
    # The fake network sees the same colours at double size, so it means double the metres.
    ratio = (twice / once).median()
    assert ratio.item() == pytest.approx(2.0, rel=0.02)


def test_a_symmetric_image_on_a_real_network(tmp_path):
    write_room(tmp_path, "a", size=(32, 63))
    preprocessor = {
        "type": "mmaux.MultiTaskDataPreProcessor",
        "mean": [99.0] * 3,
        "std": [50.0] * 3,
    }
    network = build_network(data_preprocessor=preprocessor).eval()
    for head in network.heads.values():
        torch.nn.init.normal_(head.decoder.conv_seg.weight, std=0.3)
        torch.nn.init.constant_(head.decoder.conv_seg.bias, 1.0)
    data = load(tmp_path, tta(0.0, 1.0))
    image = torch.maximum(data["inputs"][0][0], data["inputs"][0][0].flip(-1))
    data["inputs"] = [[image], [image]]
    with torch.no_grad():
        straight, mirrored = (
            network.test_step({key: value[i] for key, value in data.items()})[0] for i in (0, 1)
        )
    assert straight.pred_depth_map.data.unique().numel() > 20
    for name in ("pred_depth_map", "seg_logits"):
        one, other = getattr(straight, name).data, getattr(mirrored, name).data
        assert torch.equal(other, one.flip(-1))
    one, other = straight.pred_normal_map.data, mirrored.pred_normal_map.data
    assert torch.equal(other[0], -one[0].flip(-1))
    assert torch.equal(other[1:], one[1:].flip(-1))


def test_it_builds_from_a_config():
    model = MODELS.build({"type": "mmaux.MultiTaskTTAModel", "module": build_network("depth")})
    assert isinstance(model, MultiTaskTTAModel)
