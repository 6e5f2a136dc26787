import pytest
import torch
from torch import nn

from mmaux.utils.checkpoint_report import (
    TOP_LEVEL,
    CheckpointReport,
    KeyReport,
    check_report,
    compare_state_dict,
    module_of,
)


def toy(channels=4, classes=3):
    return nn.ModuleDict(
        {
            "backbone": nn.Sequential(nn.Conv2d(3, channels, 1), nn.BatchNorm2d(channels)),
            "heads": nn.ModuleDict(
                {"semseg": nn.Conv2d(4, classes, 1), "depth": nn.Conv2d(4, 1, 1)}
            ),
        }
    )


def test_counts_by_hand():
    state = toy().state_dict()
    del state["heads.depth.weight"], state["backbone.1.num_batches_tracked"]
    state["heads.semseg.weight"] = torch.zeros(5, 4, 1, 1)
    state["decode_head.conv.weight"] = torch.zeros(2)
    report = compare_state_dict(toy(), state)
    # backbone: conv weight and bias; norm weight, bias, mean, variance. num_batches_tracked: none.
    assert len(report.matched) == 6 + 1 + 1
    assert [k.key for k in report.missing] == ["heads.depth.weight"]
    assert report.unexpected == (KeyReport("decode_head.conv.weight", None, (2,)),)
    assert report.mismatched == (KeyReport("heads.semseg.weight", (3, 4, 1, 1), (5, 4, 1, 1)),)
    assert not report.complete
    assert report.summary().splitlines() == [
        "backbone      6 of 6 loaded",
        "heads.semseg  1 of 2 loaded (1 of another shape)",
        "heads.depth   1 of 2 loaded (1 missing)",
        "decode_head   not in the model (1 in the checkpoint only)",
    ]


def test_modules_of_keys():
    assert module_of("backbone.layer1.conv.weight") == "backbone"
    assert module_of("heads.depth.decoder.conv.weight") == "heads.depth"
    assert module_of("auxiliary.chains.depth.weight") == "auxiliary"
    assert module_of("pos_embed") == TOP_LEVEL


def test_json_round_trip():
    state = toy().state_dict()
    del state["heads.depth.bias"]
    report = compare_state_dict(toy(classes=7), state)
    again = CheckpointReport.from_json(report.to_json())
    assert again == report
    assert again.summary() == report.summary()
    for text in ("[]", "{}", '{"keys": [[1]]}', "nonsense"):
        with pytest.raises(ValueError, match="CheckpointReport"):
            CheckpointReport.from_json(text)


def test_wrapper_prefix_does_not_count():
    wrapped = {f"module.{key}": value for key, value in toy().state_dict().items()}
    assert compare_state_dict(toy(), wrapped).complete
    assert compare_state_dict(nn.DataParallel(toy()), toy().state_dict()).complete


def test_complete_and_unexpected_pass():
    check_report(compare_state_dict(toy(), toy().state_dict()), require=["backbone", "heads"])
    state = {**toy().state_dict(), "auxiliary.weight": torch.zeros(1)}
    check_report(compare_state_dict(toy(), state))


def test_another_number_of_classes_passes():
    state = toy(classes=9).state_dict()
    state["heads.semseg.bias"] = torch.zeros(3)
    check_report(compare_state_dict(toy(), state))


def test_nothing_fits():
    state = {"layer1.weight": torch.zeros(8, 3), "layer1.bias": torch.zeros(8)}
    with pytest.raises(ValueError, match="fits") as error:
        check_report(compare_state_dict(toy(), state), source="other.pth")
    text = str(error.value)
    assert "nothing of checkpoint 'other.pth' fits: 0 of the model's 10 keys" in text
    assert "are among its 2" in text
    assert "  backbone.0.weight: model (4, 3, 1, 1), checkpoint absent\n" in text
    assert "  layer1.weight: model absent, checkpoint (8, 3)\n" in text
    assert text.count("\n  ") == 3
    assert "another architecture" in text


def test_empty_checkpoint():
    with pytest.raises(ValueError, match="0 of the model's 10 keys are among its 0"):
        check_report(compare_state_dict(toy(), {}))


def test_backbone_of_another_architecture():
    state = {k: v for k, v in toy().state_dict().items() if k.startswith("heads")}
    state |= {"backbone.conv1.weight": torch.zeros(64, 3, 7, 7)}
    with pytest.raises(ValueError, match="architecture") as error:
        check_report(compare_state_dict(toy(), state), source="r50.pth")
    text = str(error.value)
    assert "'r50.pth' holds a `backbone` of another architecture: 1 keys" in text
    assert "fits the 6 of this model" in text
    assert "backbone.conv1.weight: model absent, checkpoint (64, 3, 7, 7)" in text


def test_other_width_shows_both_shapes():
    state = {**toy(channels=8).state_dict(), "heads.depth.bias": torch.zeros(1)}
    with pytest.raises(ValueError, match=r"weight: model \(4, 3, 1, 1\), checkpoint \(8, 3, 1, 1"):
        check_report(compare_state_dict(toy(), state))


def test_absent_module_passes_unless_required():
    state = {k: v for k, v in toy().state_dict().items() if not k.startswith("heads.depth")}
    report = compare_state_dict(toy(), state)
    check_report(report, require=["backbone", "heads.semseg"])
    with pytest.raises(ValueError, match=r"does not fill `heads\.depth`.*0 of 2 keys fit"):
        check_report(report, require=["heads.depth"])
    with pytest.raises(ValueError, match=r"does not fill `heads`.*2 of 4 keys fit"):
        check_report(report, require=["heads"])


def test_misspelt_requirement_lists_the_modules():
    with pytest.raises(ValueError, match=r"The model has: backbone, heads\.semseg, heads\.depth"):
        check_report(compare_state_dict(toy(), toy().state_dict()), require=["backbon"])


@pytest.mark.parametrize(
    ("model", "state", "advice"),
    [
        (toy()["backbone"], toy().state_dict(), r"below `backbone\.` would fit: give prefix='back"),
        (toy(), toy()["backbone"].state_dict(), r"backbone=dict\(init_cfg=dict\(type='Pretrained'"),
    ],
)
def test_advice_for_a_shifted_prefix(model, state, advice):
    with pytest.raises(ValueError, match=advice):
        check_report(compare_state_dict(model, state))
