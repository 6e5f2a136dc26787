import copy
import logging
import pickle
from collections import OrderedDict

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.model import BaseModule
from mmengine.registry import MODELS, DefaultScope
from mmengine.runner.checkpoint import load_checkpoint
from mmengine.runner.checkpoint import load_state_dict as mmengine_load
from torch import nn

from mmaux.utils.checkpoint import attach_load_report, last_load_report, rename_prefixes

RENAME = {"decode_head.": "heads.semseg.decoder."}


def build(cfg):
    # Heads of mmseg name their default loss without a scope.
    with DefaultScope.overwrite_default_scope("mmseg"):
        return MODELS.build(copy.deepcopy(cfg))


BACKBONE = {"type": "mmseg.MobileNetV2", "widen_factor": 0.25, "out_indices": (1, 2, 4, 6)}
HEAD = {
    "type": "mmseg.FCNHead",
    "in_channels": 80,
    "in_index": 3,
    "channels": 8,
    "num_convs": 1,
    "concat_input": False,
    "num_classes": 5,
    "norm_cfg": {"type": "BN"},
}


class Head(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.decoder = build({**HEAD, "num_classes": num_classes})


class Toy(BaseModule):
    """The layout of a multi-task network: backbone, heads.semseg.decoder, heads.depth."""

    def __init__(self, num_classes=5, **backbone):
        super().__init__()
        self.backbone = build({**BACKBONE, **backbone})
        self.heads = nn.ModuleDict({"semseg": Head(num_classes), "depth": nn.Conv2d(80, 1, 1)})
        attach_load_report(self, rename=RENAME)
        attach_load_report(self.backbone)


@pytest.fixture(scope="module")
def mmseg_checkpoint(tmp_path_factory):
    """A single-task checkpoint as mmseg's Runner writes it."""
    torch.manual_seed(0)
    model = build(
        {
            "type": "mmseg.EncoderDecoder",
            "backbone": BACKBONE,
            "decode_head": HEAD,
            "auxiliary_head": {**HEAD, "in_index": 2, "in_channels": 24},
        }
    )
    path = tmp_path_factory.mktemp("mmseg") / "fcn.pth"
    torch.save({"meta": {}, "state_dict": model.state_dict()}, path)
    return str(path), model


@pytest.fixture
def log(caplog):
    """What mmengine's current logger says."""
    logger = MMLogger.get_instance("load-report", log_level="INFO")
    logger.addHandler(caplog.handler)
    caplog.set_level(logging.INFO)
    yield caplog
    logger.removeHandler(caplog.handler)


def test_single_task_checkpoint_of_mmseg(mmseg_checkpoint, log):
    path, source = mmseg_checkpoint
    model = Toy()
    load_checkpoint(model, path, logger="current")
    assert torch.equal(
        model.heads["semseg"].decoder.conv_seg.weight, source.decode_head.conv_seg.weight
    )
    for mine, theirs in zip(
        model.backbone.state_dict().values(), source.backbone.state_dict().values(), strict=True
    ):
        assert torch.equal(mine, theirs)
    # FCN head: conv_seg weight, bias; one conv weight; its norm's weight, bias, mean, variance.
    backbone = sum("num_batches" not in key for key in source.backbone.state_dict())
    assert last_load_report(model).summary().splitlines() == [
        f"backbone        {backbone} of {backbone} loaded",
        "heads.semseg    7 of 7 loaded",
        "heads.depth     0 of 2 loaded (2 missing)",
        "auxiliary_head  not in the model (7 in the checkpoint only)",
    ]
    text = log.text
    assert "9 keys `decode_head.*`" not in text
    assert "8 keys `decode_head.*` are loaded as `heads.semseg.decoder.*`" in text
    assert text.count("0 of 2 loaded (2 missing)") == 1
    assert f"Toy from '{path}'" in text


def test_mmengine_lists_modules_not_keys(mmseg_checkpoint, log):
    load_checkpoint(Toy(num_classes=9), mmseg_checkpoint[0], logger="current")
    (message,) = [r.getMessage() for r in log.records if "do not match exactly" in r.getMessage()]
    assert message.splitlines()[1:] == [
        "",
        "size mismatch for heads.semseg.* (2 keys)",
        "unexpected key in source state_dict: auxiliary_head.* (7 keys)",
        "",
        "missing keys in source state_dict: heads.depth.* (2 keys)",
    ]


def test_a_fitting_checkpoint_is_silent_but_for_one_report(tmp_path, log):
    torch.save(Toy().state_dict(), tmp_path / "toy.pth")
    load_checkpoint(Toy(), str(tmp_path / "toy.pth"), logger="current")
    assert "do not match" not in log.text
    assert [r.levelname for r in log.records if "Toy from" in r.getMessage()] == ["INFO"]
    # The backbone's own reporter leaves the report to the whole.
    assert "MobileNetV2 from" not in log.text


def test_no_renaming_in_the_new_layout():
    state = Toy().state_dict()
    state["decode_head.conv_seg.bias"] = torch.zeros(5)
    model = Toy()
    model.load_state_dict(state, strict=False)
    assert [k.key for k in last_load_report(model).unexpected] == ["decode_head.conv_seg.bias"]


def test_rename_keeps_order_and_callers_dict():
    state = OrderedDict(a=0, **{"decode_head.x": 1, "decode_head_2.x": 2}, z=3)
    copied = state.copy()
    assert rename_prefixes(copied, {"decode_head.": "heads.s."}) == {"decode_head.": 1}
    assert list(copied.items()) == [("a", 0), ("heads.s.x", 1), ("decode_head_2.x", 2), ("z", 3)]
    model = Toy()
    single = {
        k.replace("heads.semseg.decoder.", "decode_head."): v
        for k, v in model.state_dict().items()
        if "depth" not in k
    }
    before = list(single)
    model.load_state_dict(single, strict=False)
    assert list(single) == before


@pytest.mark.parametrize("rename", [{"decode_head": "heads.x."}, {"decode_head.": "heads.x"}])
def test_prefix_without_a_dot(rename):
    with pytest.raises(ValueError, match="must end with a dot"):
        attach_load_report(nn.Linear(1, 1), rename=rename)


def test_strict_still_raises(mmseg_checkpoint):
    path, source = mmseg_checkpoint
    with pytest.raises(RuntimeError, match=r"Missing key.*heads\.depth\.weight"):
        Toy().load_state_dict(source.state_dict(), strict=True)
    with pytest.raises(RuntimeError, match=r"missing keys.*heads\.depth\.\* \(2 keys\)"):
        load_checkpoint(Toy(), path, strict=True)
    Toy().load_state_dict(Toy().state_dict(), strict=True)


def test_torchs_lists_stay_what_they_are(mmseg_checkpoint):
    result = Toy().load_state_dict(mmseg_checkpoint[1].state_dict(), strict=False)
    assert result.missing_keys == ["heads.depth.weight", "heads.depth.bias"]
    assert len(result.unexpected_keys) == 8
    assert all(key.startswith("auxiliary_head.") for key in result.unexpected_keys)


def test_another_architecture_names_file_and_keys(tmp_path):
    path = tmp_path / "r18.pth"
    torch.save({"state_dict": build({"type": "mmseg.ResNet", "depth": 18}).state_dict()}, path)
    with pytest.raises(ValueError, match=r"nothing of checkpoint '.*r18\.pth' fits"):
        load_checkpoint(Toy(), str(path))
    state = {f"backbone.{k}": v for k, v in torch.load(path)["state_dict"].items()}
    heads = {k: v for k, v in Toy().state_dict().items() if k.startswith("heads")}
    torch.save({"state_dict": OrderedDict(**state, **heads)}, path)
    with pytest.raises(ValueError, match=r"r18\.pth' holds a `backbone` of another architecture"):
        load_checkpoint(Toy(), str(path))


def test_wrapped_models():
    source = Toy().state_dict()
    prefixed = OrderedDict((f"module.{key}", value) for key, value in source.items())
    nothing = OrderedDict({"module.x.weight": torch.zeros(1)})
    for load, state in (
        (mmengine_load, source),  # strips wrappers itself
        (lambda model, state: model.load_state_dict(state, strict=False), prefixed),
    ):
        wrapped = nn.DataParallel(Toy())
        load(wrapped, state)
        assert last_load_report(wrapped.module).complete
        with pytest.raises(ValueError, match="nothing of the checkpoint fits"):
            load(wrapped, nothing)


def test_rename_below_a_wrapper(mmseg_checkpoint):
    wrapped = nn.DataParallel(Toy())
    state = OrderedDict((f"module.{k}", v) for k, v in mmseg_checkpoint[1].state_dict().items())
    wrapped.load_state_dict(state, strict=False)
    assert last_load_report(wrapped.module).groups()["heads.semseg"].complete


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_report_for_themselves(clone):
    model = Toy()
    twin = clone(model)
    twin.load_state_dict(model.state_dict())
    assert last_load_report(twin).complete
    assert last_load_report(model) is None
    with pytest.raises(ValueError, match="nothing"):
        twin.load_state_dict({}, strict=False)


def test_attaching_again_does_not_report_twice(log):
    model = Toy()
    attach_load_report(model)
    model.load_state_dict(model.state_dict())
    assert log.text.count("heads.depth") == 1


def test_keys_that_inner_hooks_supply_are_loaded():
    class Renamed(nn.Linear):
        def _load_from_state_dict(self, state_dict, prefix, *args):
            state_dict[f"{prefix}weight"] = state_dict.pop(f"{prefix}old")
            super()._load_from_state_dict(state_dict, prefix, *args)

    model = nn.ModuleDict({"a": Renamed(2, 2, bias=False)})
    attach_load_report(model)
    model.load_state_dict({"a.old": torch.ones(2, 2)}, strict=False)
    report = last_load_report(model)
    assert [k.key for k in report.matched] == ["a.weight"]
    assert report.complete


# --- init_cfg=dict(type='Pretrained', ...) of a backbone --------------------------------------


def pretrained(path, **kwargs):
    init_cfg = {"type": "Pretrained", "checkpoint": str(path), **kwargs}
    model = Toy(init_cfg=init_cfg)
    model.init_weights()
    return model


def test_backbone_by_init_cfg(mmseg_checkpoint):
    path, source = mmseg_checkpoint
    model = pretrained(path, prefix="backbone.")
    assert torch.equal(model.backbone.conv1.conv.weight, source.backbone.conv1.conv.weight)
    assert last_load_report(model.backbone).complete


def test_init_cfg_without_its_prefix_is_an_error(mmseg_checkpoint):
    path, _ = mmseg_checkpoint
    with pytest.raises(ValueError, match=r"prefix='backbone\.'") as error:
        pretrained(path)
    assert path in str(error.value)


@pytest.mark.parametrize("prefix", [None, "backbone."])
def test_init_cfg_of_another_architecture_names_the_file(tmp_path, prefix):
    path = tmp_path / "r18.pth"
    state = build({"type": "mmseg.ResNet", "depth": 18}).state_dict()
    torch.save(OrderedDict((f"{prefix or ''}{k}", v) for k, v in state.items()), path)
    with pytest.raises(ValueError, match=r"checkpoint '.*r18\.pth'"):
        pretrained(path, **({"prefix": prefix} if prefix else {}))


def test_without_a_reporter_mmengine_only_warns(mmseg_checkpoint):
    """Why it is needed: mmengine goes on with random weights."""
    model = build(
        {**BACKBONE, "init_cfg": {"type": "Pretrained", "checkpoint": mmseg_checkpoint[0]}}
    )
    model.init_weights()
