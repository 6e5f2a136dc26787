import math

import pytest
import torch
from mmengine.structures import LabelData
from mmseg.structures import SegDataSample
from networks import auxiliary, batch, build_network, decoder, network_config
from torch import nn

from mmaux.models import SceneHead
from mmaux.registry import MODELS

LINEAR = {"num_convs": 0, "channels": 80, "norm_cfg": None}
HEAD = {"type": "mmaux.SceneHead", "num_classes": 3, "decoder": decoder(**LINEAR)}


def build():
    torch.manual_seed(0)
    return SceneHead(num_classes=3, decoder=decoder(**LINEAR))


def labelled(*labels):
    samples = []
    for label in labels:
        sample = SegDataSample()
        if label is not None:
            sample.gt_scene = LabelData(data=torch.full((1, 1, 1), label))
        samples.append(sample)
    return samples


def maps(number, *, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(number, 80, 4, 6, generator=generator)] * 4


def test_with_one_convolution_it_is_average_pooling_and_a_linear_layer():
    head = build()
    convolution = head.decoder.conv_seg
    linear = nn.Linear(80, 3)
    linear.weight.data = convolution.weight.data[:, :, 0, 0]
    nn.init.normal_(convolution.bias)
    linear.bias.data = convolution.bias.data
    features = maps(2)
    expected = linear(features[3].mean(dim=(2, 3)))
    labels = torch.tensor([2, 0])
    losses = head.loss(features, labelled(*labels.tolist()), (32, 48))
    torch.testing.assert_close(losses["loss_ce"], nn.functional.cross_entropy(expected, labels))
    # Enlarging a map by a whole number leaves its mean as it is.
    fields = head.predict_field(features, (32, 48))
    assert fields.shape == (2, 3, 32, 48)
    for field, row in zip(fields, expected, strict=True):
        logits = head.restore(field, {"ori_shape": (32, 48)})
        assert logits.shape == (3, 1, 1)
        torch.testing.assert_close(logits.flatten(), row)


def test_cross_entropy_and_accuracy_by_hand():
    logits = torch.tensor([[math.log(2), 0.0, 0.0], [0.0, 0.0, math.log(6)]])[:, :, None, None]
    target = torch.tensor([0, 1])[:, None, None, None]
    losses = build().loss_by_map(logits, target)
    # Probabilities of the right scenes: 2/4 and 1/8.
    assert losses["loss_ce"].item() == pytest.approx((math.log(2) + math.log(8)) / 2)
    assert losses["accuracy"].item() == pytest.approx(50.0)


def test_images_without_a_scene_add_nothing():
    head, features = build(), maps(3)
    alone = head.loss([f[[0, 2]] for f in features], labelled(1, 2), (32, 48))
    mixed = head.loss(features, labelled(1, None, 2), (32, 48))
    assert mixed["loss_ce"].item() == pytest.approx(alone["loss_ce"].item())
    none = head.loss(features, labelled(None, None, None), (32, 48))
    assert none.keys() == {"loss_ce"}
    assert none["loss_ce"].item() == 0
    none["loss_ce"].backward()
    assert all(p.grad is None or not p.grad.any() for p in head.parameters())


def test_padding_takes_no_part_in_the_prediction():
    field = torch.zeros(3, 4, 6)
    field[1, :3, :4] = 1.0
    field[2, 3:] = field[2, :, 4:] = 100.0
    restored = build().restore(field, {"img_padding_size": [0, 2, 0, 1], "ori_shape": (30, 40)})
    assert restored.tolist() == [[[0.0]], [[1.0]], [[0.0]]]
    prediction = build().to_prediction(restored)
    assert prediction["pred_scene"].data.tolist() == [[[1]]]


def test_padding_takes_no_part_in_what_the_network_says():
    head, features = build(), maps(1)
    with torch.no_grad():
        alone = head.predict_field(features, (4, 6))[0]
        padded = [nn.functional.pad(f, (0, 3, 0, 2), value=1e3) for f in features]
        field = head.predict_field(padded, (6, 9))[0]
    meta = {"img_padding_size": [0, 3, 0, 2], "ori_shape": (4, 6)}
    torch.testing.assert_close(head.restore(field, meta), alone.mean((1, 2), keepdim=True))


def test_merging_averages_probabilities_and_not_logits():
    head, samples = build(), []
    for logits in ([4.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]):
        sample = SegDataSample()
        sample.set_data(head.to_prediction(torch.tensor(logits).view(3, 1, 1)))
        samples.append(sample)
    merged = head.merge(samples)
    first, second = (torch.softmax(torch.tensor(v), 0) for v in ([4.0, 0, 0], [0.0, 1, 0]))
    expected = (first + 2 * second) / 3
    torch.testing.assert_close(merged["scene_logits"].data.exp().flatten(), expected)
    assert merged["pred_scene"].data.item() == int(expected.argmax())


def test_another_number_of_scenes_in_the_data_is_refused():
    build().check_metainfo({"scenes": ("a", "b", "c")})
    build().check_metainfo({"classes": ("a",)})
    with pytest.raises(ValueError, match=r"num_classes is 3, .* have 2 scenes \(a, b, \.\.\.\)"):
        build().check_metainfo({"scenes": ("a", "b")})


# In a network -----------------------------------------------------------------------------------


def network(**changes):
    config = network_config("semseg", "depth", **changes)
    config["heads"]["scene"] = HEAD
    torch.manual_seed(0)
    model = MODELS.build(config)
    model.init_weights()
    return model


def data(*labels):
    result = batch(*[("semseg", "depth")] * len(labels))
    for sample, source in zip(result["data_samples"], labelled(*labels), strict=True):
        sample.set_data(dict(source.items()))
    return result


@pytest.mark.parametrize(
    "test_cfg", [{"mode": "whole"}, {"mode": "slide", "crop_size": (64, 64), "stride": (32, 32)}]
)
def test_prediction_beside_dense_tasks(test_cfg):
    model = network(test_cfg=test_cfg).eval()
    inputs = data(0, 2)
    with torch.no_grad():
        samples = model.test_step(inputs)
        images = model.data_preprocessor(data(0, 2))["inputs"]
        # Windows of 64 of the 96 columns; the middle third is in both of them.
        starts = [0] if test_cfg["mode"] == "whole" else [0, 32]
        total, count = torch.zeros(2, 3, 64, 96), torch.zeros(96)
        for start in starts:
            window = images if len(starts) == 1 else images[..., start : start + 64]
            columns = slice(start, start + window.shape[-1])
            features = model.extract_feat(window)
            total[..., columns] += model.heads["scene"].predict_field(features, window.shape[-2:])
            count[columns] += 1
        logits = (total / count).mean((2, 3))[..., None, None]
    for index, sample in enumerate(samples):
        expected = logits[index]
        torch.testing.assert_close(sample.scene_logits.data, expected, rtol=1e-4, atol=1e-5)
        assert sample.pred_scene.data.shape == (1, 1, 1)
        assert sample.pred_depth_map.data.shape == (1, 64, 96)


def test_a_chain_of_cells_ends_in_such_a_head():
    model = network(auxiliary=auxiliary(architecture={"tasks": ("scene",)}))
    assert type(model.auxiliary.heads["scene"]) is SceneHead
    batch_ = model.data_preprocessor(data(1, None), training=True)
    losses = model.loss(**batch_)
    assert {"scene.loss_ce", "scene.aux.loss_ce"} <= losses.keys()
    losses["scene.aux.loss_ce"].backward()
    missed = [n for n, p in model.auxiliary.named_parameters() if p.grad is None]
    assert not missed
    assert model.backbone.conv1.conv.weight.grad.abs().sum() > 0


def test_it_draws_no_weights_of_its_neighbours_away():
    plain = build_network("semseg", "depth").state_dict()
    with_scene = network().state_dict()
    assert plain.keys() < with_scene.keys()
    assert {k.split(".")[1] for k in with_scene.keys() - plain.keys()} == {"scene"}
