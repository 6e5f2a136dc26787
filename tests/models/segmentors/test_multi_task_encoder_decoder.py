import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmseg.structures import SegDataSample
from networks import (
    CLASSES,
    auxiliary,
    batch,
    build_network,
    decoder,
    deep_supervision,
    heads,
    network_config,
)

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS

TASKS = ("semseg", "depth", "normal")
ROOT = Path(__file__).parents[3]
SIZE = (32, 48)
WEIGHTING = {"type": "mmaux.UncertaintyWeighting"}
EXTRAS = pytest.mark.parametrize(
    "extra",
    [
        {"auxiliary": auxiliary()},
        {"auxiliary": deep_supervision()},
        {"task_weighting": WEIGHTING},
        {"auxiliary": auxiliary(), "task_weighting": WEIGHTING},
    ],
    ids=["auxiliary", "deep", "weighting", "both"],
)


def images(count=2, size=SIZE, seed=0):
    return torch.randn(count, 3, *size, generator=torch.Generator().manual_seed(seed))


def prepared(network, *tasks_of_samples, training=True, size=SIZE):
    return network.data_preprocessor(batch(*tasks_of_samples, size=size), training)


def trained(network):
    """As after some training: BN statistics and outputs that are not nearly zero."""
    generator = torch.Generator().manual_seed(1)
    for name, buffer in network.named_buffers():
        if "running" in name:
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    generator.manual_seed(2)  # whatever an auxiliary module drew
    for head in network.heads.values():
        torch.nn.init.normal_(head.decoder.conv_seg.weight, std=0.3, generator=generator)
        torch.nn.init.constant_(head.decoder.conv_seg.bias, 1.0)
    return network


def main_state(network):
    extra = tuple(f"{name}." for name in MultiTaskEncoderDecoder.training_only)
    return {k: v for k, v in network.state_dict().items() if not k.startswith(extra)}


# Modes -------------------------------------------------------------------------------------------


def test_loss_names():
    network = build_network(auxiliary=auxiliary(architecture={"tasks": ("depth",)}))
    data = prepared(network, TASKS, TASKS)
    losses = network(**data, mode="loss")
    assert list(losses) == [
        "semseg.loss_ce",
        "semseg.acc_seg",
        "depth.loss_berhu",
        "normal.loss_cosine",
        "depth.aux.loss_berhu",
    ]
    total, logged = network.parse_losses(losses)
    expected = sum(float(v) for k, v in losses.items() if "loss" in k)
    assert total.item() == pytest.approx(expected, rel=1e-6)
    assert "semseg.acc_seg" in logged


def test_tensor_mode_gives_raw_maps_by_task():
    network = build_network().eval()
    maps = network(images(), mode="tensor")
    assert {task: tuple(m.shape) for task, m in maps.items()} == {
        "semseg": (2, CLASSES, 4, 6),
        "depth": (2, 1, 4, 6),
        "normal": (2, 3, 4, 6),
    }


def test_predict_against_the_raw_maps():
    network = trained(build_network()).eval()
    with torch.no_grad():
        maps = network(images(), mode="tensor")
        samples = network(images(), mode="predict")
    assert len(samples) == 2
    up = {t: F.interpolate(m, size=SIZE, mode="bilinear") for t, m in maps.items()}
    for i, sample in enumerate(samples):
        assert sorted(sample.keys()) == [
            "pred_depth_map",
            "pred_normal_map",
            "pred_sem_seg",
            "seg_logits",
        ]
        torch.testing.assert_close(sample.seg_logits.data, up["semseg"][i])
        assert torch.equal(sample.pred_sem_seg.data[0], up["semseg"][i].argmax(0))
        torch.testing.assert_close(sample.pred_depth_map.data, up["depth"][i].clamp(1e-3, 80.0))
        torch.testing.assert_close(sample.pred_normal_map.data, F.normalize(up["normal"][i], dim=0))


def test_predictions_have_the_original_size_and_keep_the_truth():
    network = build_network().eval()
    data = prepared(network, TASKS, training=False)
    data["data_samples"][0].set_metainfo({"ori_shape": (50, 70), "depth_factor": 0.5})
    before = data["data_samples"][0].gt_depth_map.data.clone()
    (sample,) = network(**data, mode="predict")
    for name in ("pred_sem_seg", "seg_logits", "pred_depth_map", "pred_normal_map"):
        assert getattr(sample, name).data.shape[-2:] == (50, 70), name
    assert torch.equal(sample.gt_depth_map.data, before)


def test_an_unknown_mode_is_refused():
    with pytest.raises(RuntimeError, match="Invalid mode"):
        build_network("depth")(images(), mode="guess")


# Sliding windows ---------------------------------------------------------------------------------


def slide(crop, stride):
    return {"test_cfg": {"mode": "slide", "crop_size": crop, "stride": stride}}


def test_one_window_over_the_whole_image_is_whole_inference():
    whole = trained(build_network()).eval()
    sliding = trained(build_network(**slide((64, 64), (32, 32)))).eval()
    with torch.no_grad():
        for one, other in zip(whole.predict(images()), sliding.predict(images()), strict=True):
            for name in one.keys():  # noqa: SIM118
                assert torch.equal(getattr(one, name).data, getattr(other, name).data)


def test_windows_are_averaged_in_the_tasks_own_spaces():
    network = trained(build_network(**slide((32, 32), (16, 24)))).eval()
    inputs = images(1, (40, 60), seed=4)
    # Tops 0 and 8 (the last is moved back to the border), lefts 0, 24 and 28.
    sums, counts = torch.zeros(1, CLASSES + 4, 40, 60), torch.zeros(40, 60)
    with torch.no_grad():
        for top in (0, 8):
            for left in (0, 24, 28):
                window = inputs[..., top : top + 32, left : left + 32]
                maps = network(window, mode="tensor")
                up = [F.interpolate(maps[t], size=(32, 32), mode="bilinear") for t in TASKS]
                up[2] = F.normalize(up[2], dim=1)
                sums[..., top : top + 32, left : left + 32] += torch.cat(up, 1)
                counts[top : top + 32, left : left + 32] += 1
        (sample,) = network.predict(inputs)
    assert counts.min() == 1
    mean = (sums / counts)[0]
    torch.testing.assert_close(sample.seg_logits.data, mean[:CLASSES])
    torch.testing.assert_close(sample.pred_depth_map.data, mean[CLASSES : CLASSES + 1].clamp(1e-3))
    expected = F.normalize(mean[CLASSES + 1 :], dim=0)
    torch.testing.assert_close(sample.pred_normal_map.data, expected, rtol=1e-4, atol=1e-5)


def test_sliding_does_not_change_the_samples_meta_information():
    network = build_network("depth", **slide((32, 32), (16, 16))).eval()
    sample = SegDataSample(metainfo={"ori_shape": SIZE, "img_shape": SIZE})
    network.predict(images(1), [sample])
    assert sample.metainfo["img_shape"] == SIZE


@pytest.mark.parametrize(
    ("test_cfg", "message"),
    [({"mode": "sliding"}, "found 'sliding'"), ({"mode": "slide"}, r"crop_size=\(h, w\)")],
)
def test_bad_test_cfg(test_cfg, message):
    with pytest.raises(ValueError, match=message):
        build_network("depth", test_cfg=test_cfg)


# What only training has --------------------------------------------------------------------------


@EXTRAS
def test_main_weights_do_not_depend_on_it(extra):
    plain = build_network(seed=3)
    other = build_network(seed=3, **extra)
    assert {k.partition(".")[0] for k in other.state_dict()} == {"backbone", "heads", *extra}
    expected, found = main_state(plain), main_state(other)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[k], found[k]) for k in expected)
    other = main_state(build_network(seed=4))
    assert any(not torch.equal(expected[k], other[k]) for k in expected)


@EXTRAS
def test_building_with_it_draws_as_much_randomness_as_without(extra):
    torch.manual_seed(3)
    MODELS.build(network_config())
    state = torch.get_rng_state()
    torch.manual_seed(3)
    MODELS.build(network_config(**extra))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("module", [auxiliary(), deep_supervision()], ids=["auxiliary", "deep"])
def test_main_outputs_are_bit_equal_with_and_without(module, training):
    plain = trained(build_network()).train(training)
    extended = trained(build_network(auxiliary=module)).train(training)
    data = prepared(plain, TASKS, TASKS)
    losses, others = plain(**data, mode="loss"), extended(**data, mode="loss")
    for name, value in losses.items():
        assert torch.equal(value, others[name]), name
    assert len(others) > len(losses)
    for one, other in zip(plain.predict(images()), extended.predict(images()), strict=True):
        for name in one.keys():  # noqa: SIM118
            assert torch.equal(getattr(one, name).data, getattr(other, name).data)
    before, after = main_state(plain), main_state(extended)
    assert all(torch.equal(before[k], after[k]) for k in before)  # BN statistics too


@pytest.mark.parametrize("module", [auxiliary(), deep_supervision()], ids=["auxiliary", "deep"])
def test_prediction_never_runs_it(module, monkeypatch):
    network = build_network(auxiliary=module)

    def fail(*args, **kwargs):
        raise AssertionError("the auxiliary module ran")

    monkeypatch.setattr(network.auxiliary, "branches", fail)
    for mode in ("predict", "tensor"):
        network(images(), mode=mode)
    with pytest.raises(AssertionError, match="ran"):
        network(**prepared(network, TASKS), mode="loss")


@EXTRAS
def test_removing_it_changes_no_prediction(extra):
    network = trained(build_network(**extra)).eval()
    added = sum(p.numel() for p in network.parameters())
    added -= sum(p.numel() for p in build_network().parameters())
    assert sum(p.numel() for p in network.training_only_parameters()) == added > 0
    before = network.predict(images())
    network.remove_auxiliary()
    assert network.training_only_parameters() == []
    assert list(network.state_dict()) == list(build_network().state_dict())
    for one, other in zip(before, network.predict(images()), strict=True):
        for name in one.keys():  # noqa: SIM118
            assert torch.equal(getattr(one, name).data, getattr(other, name).data)
    losses = network(**prepared(network, TASKS), mode="loss")
    assert losses.keys() == build_network()(**prepared(network, TASKS), mode="loss").keys()


def test_a_task_weighting_weighs_main_and_auxiliary_losses():
    plain = build_network(auxiliary=auxiliary())
    weighted = build_network(auxiliary=auxiliary(), task_weighting=WEIGHTING)
    weighted.load_state_dict(plain.state_dict(), strict=False)
    with torch.no_grad():
        for task, value in (("semseg", 0.2), ("depth", -0.3), ("normal", 0.0)):
            weighted.task_weighting.log_variances[task].fill_(value)
    data = prepared(plain, TASKS, TASKS)
    before, after = plain(**data, mode="loss"), weighted(**data, mode="loss")
    factors = {"semseg": math.exp(-0.2), "depth": math.exp(0.3) / 2, "normal": 0.5}
    for name, value in before.items():
        factor = factors[name.partition(".")[0]] if "loss" in name else 1.0
        assert after[name].item() == pytest.approx(value.item() * factor, rel=1e-5), name
    total, _ = weighted.parse_losses(after)
    logs = 0.5 * (0.2 - 0.3)
    expected = sum(float(after[k]) for k in before if "loss" in k) + logs
    assert total.item() == pytest.approx(expected, rel=1e-5)


def test_a_task_without_labels_leaves_its_variance_alone():
    network = build_network(auxiliary=auxiliary(), task_weighting=WEIGHTING).train()
    data = prepared(network, ("depth",), ("depth", "normal"))
    total, _ = network.parse_losses(network(**data, mode="loss"))
    total.backward()
    moved = {t for t, s in network.task_weighting.log_variances.items() if s.grad is not None}
    assert moved == {"depth", "normal"}


@pytest.mark.parametrize(
    "architecture",
    [
        None,
        {},
        {"aggregation": "concat"},
        {"tasks": ("depth",)},
        {"tasks": ("normal", "semseg"), "adaptor": "conv3x3", "aggregation": "concat"},
        {"adaptor": "sep_conv3x3"},
    ],
)
def test_every_parameter_gets_a_gradient(architecture):
    extra = {} if architecture is None else {"auxiliary": auxiliary(architecture=architecture)}
    assert_every_parameter_learns(build_network(**extra).train())


@EXTRAS
def test_every_parameter_of_a_strategy_gets_a_gradient(extra):
    assert_every_parameter_learns(build_network(**extra).train())


def assert_every_parameter_learns(network):
    total, _ = network.parse_losses(network(**prepared(network, TASKS, TASKS), mode="loss"))
    total.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def test_frozen_stages_get_none():
    backbone = {**network_config()["backbone"], "frozen_stages": 2}
    network = build_network(backbone=backbone, auxiliary=auxiliary()).train()
    total, _ = network.parse_losses(network(**prepared(network, TASKS, TASKS), mode="loss"))
    total.backward()
    frozen = ("backbone.conv1.", "backbone.layer1.", "backbone.layer2.")
    seen = set()
    for name, parameter in network.named_parameters():
        stopped = name.startswith(frozen)
        assert parameter.requires_grad is not stopped, name
        assert (parameter.grad is None) is stopped, name
        seen.add(stopped)
    assert seen == {True, False}


@pytest.mark.parametrize("with_auxiliary", [False, True])
def test_a_partly_labelled_batch_trains_a_step(with_auxiliary):
    extra = {"auxiliary": auxiliary()} if with_auxiliary else {}
    network = build_network(**extra).train()
    losses = network(**prepared(network, ("depth",), ("depth", "normal")), mode="loss")
    assert losses["semseg.loss_ce"].item() == 0
    if with_auxiliary:
        assert losses["semseg.aux.loss_ce"].item() == 0
    total, _ = network.parse_losses(losses)
    total.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.isfinite().all(), name
        if "semseg" in name:
            assert (parameter.grad == 0).all(), name


# Configs -----------------------------------------------------------------------------------------


def test_none_leaves_an_inherited_head_out():
    network = build_network(heads={**heads(), "normal": None, "_scope_": "mmaux"})
    assert list(network.heads) == ["semseg", "depth"]
    network = build_network(heads={**heads(), "normal": None}, auxiliary=auxiliary())
    assert list(network.auxiliary.heads) == ["semseg", "depth"]


@pytest.mark.parametrize("none", [{}, {"depth": None}, {"_scope_": "mmaux"}, None])
def test_no_head_at_all(none):
    with pytest.raises(ValueError, match="one head a task, found none"):
        build_network(heads=none)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (decoder(num_classes=3), r"heads\.depth is a FCNHead; .*goes into its decoder"),
        (
            {"type": "mmaux.DepthHead", "decoder": decoder(num_classes=3)},
            r"heads\.depth: .*num_classes is set by the task's head",
        ),
    ],
)
def test_a_wrong_head_is_named(head, message):
    with pytest.raises(ValueError, match=message):
        build_network(heads={"depth": head})


def test_mmsegs_preprocessor_is_refused():
    with pytest.raises(ValueError, match="is SegDataPreProcessor, which pads depth"):
        build_network("depth", data_preprocessor={"type": "mmseg.SegDataPreProcessor"})


def test_ours_is_the_default_preprocessor():
    config = network_config("depth")
    del config["data_preprocessor"]
    network = MODELS.build(config)
    assert type(network.data_preprocessor).__name__ == "MultiTaskDataPreProcessor"


@MODELS.register_module()
class HalvingNeck(torch.nn.Module):
    """Two maps out of four; the second one seen by the heads."""

    def __init__(self, channels):
        super().__init__()
        self.mix = torch.nn.Conv2d(80, channels, 1)

    def forward(self, features):
        return features[0], self.mix(features[3])


def neck_network(**changes):
    two = {"depth": {"type": "mmaux.DepthHead", "decoder": decoder(in_channels=12, in_index=1)}}
    neck = {"type": "mmaux.HalvingNeck", "channels": 12}
    return build_network(neck=neck, heads=two, **changes)


def test_heads_read_the_neck():
    network = neck_network().eval()
    features = network.extract_feat(images())
    assert [f.shape[1] for f in features] == [8, 12]
    shared = network.extract_shared(images())
    assert [f.shape[1] for f in shared["backbone"]] == [8, 8, 24, 80]
    assert all(torch.equal(a, b) for a, b in zip(shared["neck"], features, strict=True))


def test_the_auxiliary_module_reads_backbone_and_neck():
    module = auxiliary(taps=("backbone.1", "backbone.2", "neck.1"), in_channels=(8, 24, 12))
    network = neck_network(auxiliary=module).train()
    total, _ = network.parse_losses(network(**prepared(network, ("depth",)), mode="loss"))
    total.backward()
    assert all(p.grad.abs().max() > 0 for p in network.auxiliary.parameters())
    plain = neck_network().eval()
    for one, other in zip(network.eval().predict(images()), plain.predict(images()), strict=True):
        assert one.pred_depth_map.data.shape == other.pred_depth_map.data.shape


@pytest.mark.parametrize("name", ["joint_mbv2_nyud", "auxi_both_mbv2_nyud"])
def test_the_baseline_network_has_the_papers_parameters(name):
    config = Config.fromfile(ROOT / f"configs/{name}.py").model
    config.backbone.init_cfg = None
    network = MODELS.build(config)
    assert isinstance(network, MultiTaskEncoderDecoder)
    network.remove_auxiliary()
    count = sum(p.numel() for p in network.parameters())
    assert count == pytest.approx(3.31e6, rel=0.01)
    assert [f.shape[1] for f in network.backbone(torch.zeros(1, 3, 32, 32))] == [24, 32, 96, 320]


def test_a_checkpoint_of_the_network_loads_and_predicts_the_same(tmp_path):
    network = trained(build_network(auxiliary=auxiliary())).eval()
    assert network.predict(images(1))[0].pred_depth_map.data.unique().numel() > 100
    torch.save(network.state_dict(), tmp_path / "x.pth")
    other = build_network(seed=9, auxiliary=auxiliary()).eval()
    other.load_state_dict(torch.load(tmp_path / "x.pth", weights_only=True))
    one, two = network.predict(images(1))[0], other.predict(images(1))[0]
    assert torch.equal(one.seg_logits.data, two.seg_logits.data)
    assert torch.equal(one.pred_depth_map.data, two.pred_depth_map.data)


def test_a_misspelt_task_is_refused():
    misspelt = {"depht": heads("depth")["depth"]}
    with pytest.raises(ValueError, match=r"heads names 'depht', but DepthHead .* 'depth'"):
        build_network(heads=misspelt)
