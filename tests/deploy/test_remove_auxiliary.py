import copy
from collections import OrderedDict
from pathlib import Path
from typing import Any

import cv2
import pytest
import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader
from networks import auxiliary, build_network, deep_supervision, network_config
from room_folder import TEST, dataset_config, pipeline, write_room

from mmaux.deploy import (
    PredictionsDifferError,
    compare_predictions,
    inference_complexity,
    read_inputs,
    remove_auxiliary,
    training_complexity,
)
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.utils.files import OutputPathError


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    return root


def write_config(path: Path, root: Path, **model: Any) -> Config:
    model = {"auxiliary": auxiliary(), **model}
    test = dataset_config(root, "test", pipeline=pipeline(), test_mode=True)
    Config(
        {
            "default_scope": "mmaux",
            "model": network_config(**model),
            "test_dataloader": {"batch_size": 1, "dataset": test},
            "load_from": "elsewhere.pth",
        }
    ).dump(path)
    return Config.fromfile(path)


def trained_like(seed: int = 3, **model: Any) -> MultiTaskEncoderDecoder:
    """A network whose batch norms have statistics of their own."""
    network = build_network(seed=seed, **{"auxiliary": auxiliary(), **model})
    generator = torch.Generator().manual_seed(seed)
    for name, buffer in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
    return network


def save(path: Path, network: MultiTaskEncoderDecoder, **extra: Any) -> Path:
    """A checkpoint with what a Runner's has beside the weights."""
    content = {
        "meta": {"iter": 7, "cfg": "auxiliary", "dataset_meta": {"classes": ("a", "b")}},
        "state_dict": network.state_dict(),
        "optimizer": {"state": {0: torch.zeros(3)}},
        "param_schedulers": [{"last_step": 3}],
        "message_hub": {"log_scalars": {}},
        **extra,
    }
    torch.save(content, path)
    return path


@pytest.fixture
def config(tmp_path: Path, root: Path) -> Config:
    return write_config(tmp_path / "tiny.py", root)


def is_auxiliary(name: str) -> bool:
    return "auxiliary" in name.lower()


def test_files_hold_the_main_network_and_nothing_else(tmp_path: Path, config: Config) -> None:
    network = trained_like()
    report = remove_auxiliary(config, save(tmp_path / "i.pth", network), out_dir=tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["i.pth", "tiny.py"]
    assert not is_auxiliary((tmp_path / "out" / "tiny.py").read_text())
    stripped = Config.fromfile(tmp_path / "out" / "tiny.py")
    assert "load_from" not in stripped
    kept = {k: v for k, v in config.model.items() if k != "auxiliary"}
    assert stripped.model.to_dict() == Config({"model": kept}).model.to_dict()

    written = torch.load(tmp_path / "out" / "i.pth", weights_only=True)
    assert set(written) == {"meta", "state_dict"}
    assert set(written["meta"]) == {"mmaux_version", "dataset_meta"}
    expected = {k: v for k, v in network.state_dict().items() if not is_auxiliary(k)}
    assert written["state_dict"].keys() == expected.keys()
    assert all(torch.equal(written["state_dict"][k], v) for k, v in expected.items())
    assert not any(is_auxiliary(k) for k in written["state_dict"]._metadata)
    raw = (tmp_path / "out" / "i.pth").read_bytes()
    assert b"auxiliary" not in raw

    assert (report.had_auxiliary, report.averaged) == (True, False)
    assert [Path(i).stem for i in report.images] == list(TEST)
    assert report.fields == ("pred_depth_map", "pred_normal_map", "pred_sem_seg", "seg_logits")
    rebuilt = build_network()
    rebuilt.load_state_dict(written["state_dict"], strict=True)
    assert compare_predictions(network, rebuilt, read_inputs(config)) == report.fields


def test_report_counts_the_module_before_and_not_after(tmp_path: Path, config: Config) -> None:
    network = trained_like()
    report = remove_auxiliary(config, save(tmp_path / "i.pth", network), out_dir=tmp_path / "out")
    total = sum(p.numel() for p in network.parameters())
    extra = sum(p.numel() for p in network.auxiliary.parameters())
    assert (report.before.parameters, report.after.parameters) == (total, total - extra)
    assert report.before.flops > report.after.flops > 0
    assert report.before.input_size == report.after.input_size == (96, 128)


def test_flops_of_an_auxiliary_module_by_hand() -> None:
    network = build_network("depth", auxiliary=auxiliary())
    image = torch.zeros(1, 3, 64, 96)
    training = training_complexity(network, image)
    main = inference_complexity(network, image)
    # Every cell works at stride 8, 8 x 12 pixels; a multiply-add is two operations.
    kernels = [p for p in network.auxiliary.parameters() if p.ndim == 4]
    assert training.flops - main.flops == sum(2 * p.numel() * 8 * 12 for p in kernels)
    network.remove_auxiliary()
    assert inference_complexity(network, image) == main
    assert training_complexity(network, image) == main


def test_flops_of_deep_supervision_by_hand() -> None:
    network = build_network("depth", auxiliary=deep_supervision())
    image = torch.zeros(1, 3, 64, 96)
    extra = training_complexity(network, image).flops - inference_complexity(network, image).flops
    # Taps at strides 4, 8, 8 and 8, one channel out; a multiply-add is two operations.
    assert extra == 2 * (8 * 16 * 24 + (8 + 24 + 80) * 8 * 12)


def test_a_task_weighting_goes_too(tmp_path: Path, root: Path) -> None:
    weighting = {"type": "mmaux.UncertaintyWeighting"}
    extras = {"auxiliary": deep_supervision(), "task_weighting": weighting}
    config = write_config(tmp_path / "tiny.py", root, **extras)
    network = trained_like(**extras)
    report = remove_auxiliary(config, save(tmp_path / "i.pth", network), out_dir=tmp_path / "out")
    written = torch.load(report.checkpoint, weights_only=True)["state_dict"]
    assert written.keys() == build_network().state_dict().keys()
    text = Path(report.config).read_text()
    assert not any(word in text for word in ("Weighting", "weighting", "Deep", "auxiliary"))
    extra = sum(p.numel() for p in network.training_only_parameters())
    assert extra > 3
    assert report.before.parameters - report.after.parameters == extra


@pytest.mark.parametrize("form", ["bare", "wrapped", "stripped"])
def test_other_forms_of_a_checkpoint(tmp_path: Path, config: Config, form: str) -> None:
    network = trained_like()
    state = network.state_dict()
    if form == "wrapped":
        state = OrderedDict((f"module.{k}", v) for k, v in state.items())
    if form == "stripped":
        state = OrderedDict((k, v) for k, v in state.items() if not is_auxiliary(k))
    torch.save(state, tmp_path / "bare.pth")
    report = remove_auxiliary(config, tmp_path / "bare.pth", out_dir=tmp_path / "out")
    written = torch.load(report.checkpoint, weights_only=True)
    assert set(written["meta"]) == {"mmaux_version"}
    weights = written["state_dict"]
    assert weights.keys() == {k for k in network.state_dict() if not is_auxiliary(k)}
    assert all(torch.equal(weights[k], network.state_dict()[k]) for k in weights)


def test_averaged_weights_of_an_ema_hook_are_taken(tmp_path: Path, config: Config) -> None:
    averaged, other = trained_like(seed=1), trained_like(seed=2)
    ema = OrderedDict({"steps": torch.tensor(3)})
    ema.update((f"module.{k}", v) for k, v in other.state_dict().items())
    path = save(tmp_path / "ema.pth", averaged, ema_state_dict=ema)
    report = remove_auxiliary(config, path, out_dir=tmp_path / "out")
    assert report.averaged
    written = torch.load(report.checkpoint, weights_only=True)
    assert "ema_state_dict" not in written
    weight = "heads.depth.decoder.conv_seg.weight"
    assert torch.equal(written["state_dict"][weight], averaged.state_dict()[weight])


def test_network_without_a_module_loses_its_training_state(tmp_path: Path, root: Path) -> None:
    config = write_config(tmp_path / "plain.py", root, auxiliary=None)
    path = save(tmp_path / "i.pth", trained_like(auxiliary=None))
    report = remove_auxiliary(config, path, out_dir=tmp_path / "out")
    assert not report.had_auxiliary
    assert report.before == report.after
    assert set(torch.load(report.checkpoint, weights_only=True)) == {"meta", "state_dict"}


def test_given_images_need_no_data_set(tmp_path: Path, config: Config) -> None:
    image = tmp_path / "photo.png"
    cv2.imwrite(str(image), (torch.rand(50, 70, 3) * 255).byte().numpy())
    config.test_dataloader.dataset.data_root = str(tmp_path / "absent")
    path = save(tmp_path / "i.pth", trained_like())
    with pytest.raises(ValueError, match=r"test data cannot be read .*absent[\s\S]*--images"):
        remove_auxiliary(config, path, out_dir=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    report = remove_auxiliary(config, path, out_dir=tmp_path / "out", images=[image])
    assert report.images == (str(image),)
    assert report.after.input_size == (50, 70)


def test_number_of_images(config: Config) -> None:
    assert len(read_inputs(config, num_images=1)) == 1
    assert len(read_inputs(config, num_images=9)) == len(TEST)
    with pytest.raises(ValueError, match="num_images is at least 1, found 0"):
        read_inputs(config, num_images=0)


def test_config_without_test_data(config: Config) -> None:
    config.pop("test_dataloader")
    with pytest.raises(ValueError, match=r"no test_dataloader[\s\S]*--images"):
        read_inputs(config)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"heads": network_config("semseg", "depth")["heads"]}, r"heads\.normal .*missing"),
        ({"backbone": {"widen_factor": 0.5}}, "backbone .*of another shape"),
    ],
)
def test_checkpoint_of_another_architecture(
    tmp_path: Path, config: Config, model: dict[str, Any], message: str
) -> None:
    if "backbone" in model:
        model = {"backbone": {**network_config()["backbone"], **model["backbone"]}}
        model |= {"auxiliary": None, "heads": {}}
        wide = copy.deepcopy(network_config()["heads"])
        for head in wide.values():
            head["decoder"]["in_channels"] = 160
        model["heads"] = wide
    path = save(tmp_path / "other.pth", trained_like(**model))
    with pytest.raises(ValueError, match=rf"other\.pth' is not of this config's[\s\S]*{message}"):
        remove_auxiliary(config, path, out_dir=tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_checkpoint_with_a_head_too_many(tmp_path: Path, root: Path) -> None:
    config = write_config(tmp_path / "two.py", root, heads=network_config("depth")["heads"])
    path = save(tmp_path / "three.pth", trained_like())
    with pytest.raises(ValueError, match=r"heads\.normal +not in the model"):
        remove_auxiliary(config, path, out_dir=tmp_path / "out")


def test_file_without_weights(tmp_path: Path, config: Config) -> None:
    torch.save({"meta": {}, "epoch": 3}, tmp_path / "empty.pth")
    with pytest.raises(ValueError, match=r"empty\.pth' holds no weights"):
        remove_auxiliary(config, tmp_path / "empty.pth", out_dir=tmp_path / "out")


def test_a_difference_is_named_and_nothing_deleted(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(self: MultiTaskEncoderDecoder, inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        *maps, last = self.maps_for_heads(self.extract_shared(inputs))
        return (*maps, last if self.auxiliary is None else last * (1 + 1e-6))

    monkeypatch.setattr(MultiTaskEncoderDecoder, "extract_feat", leaking)
    path = save(tmp_path / "i.pth", trained_like())
    with pytest.raises(PredictionsDifferError, match=r"b0\.png: pred_depth_map differs .*values"):
        remove_auxiliary(config, path, out_dir=tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["i.pth", "tiny.py"]


def test_equality_is_to_the_bit(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = read_inputs(config, num_images=1)
    network, other = trained_like(), trained_like()
    bias = "heads.normal.decoder.conv_seg.bias"
    assert compare_predictions(network, other, inputs)
    with torch.no_grad():
        other.get_parameter(bias)[0] += 1e-7
    with pytest.raises(PredictionsDifferError, match="pred_normal_map differs"):
        compare_predictions(network, other, inputs)
    # A network that diverged predicts NaN; it is the same network all the same.
    with torch.no_grad():
        for diverged in (network, other):
            diverged.get_parameter(bias).fill_(float("nan"))
    assert compare_predictions(network, other, inputs)


@pytest.mark.parametrize("what", ["config", "checkpoint"])
def test_inputs_are_not_overwritten(tmp_path: Path, config: Config, what: str) -> None:
    folder = tmp_path if what == "config" else tmp_path / "other"
    folder.mkdir(exist_ok=True)
    away = tmp_path / "away"
    away.mkdir()
    path = save((folder if what == "checkpoint" else away) / "i.pth", trained_like())
    before = path.read_bytes()
    with pytest.raises(OutputPathError, match="would overwrite its own source"):
        remove_auxiliary(config, path, out_dir=folder)
    assert path.read_bytes() == before


def test_folder_that_is_a_file(tmp_path: Path, config: Config) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError, match=r"file' is a file"):
        remove_auxiliary(config, tmp_path / "x.pth", out_dir=tmp_path / "file")


def test_written_checkpoint_can_be_loaded_by_the_runner(tmp_path: Path, config: Config) -> None:
    path = save(tmp_path / "i.pth", trained_like())
    report = remove_auxiliary(config, path, out_dir=tmp_path / "out")
    loaded = CheckpointLoader.load_checkpoint(report.checkpoint)
    assert loaded["meta"]["dataset_meta"] == {"classes": ("a", "b")}


def test_another_kind_of_network(tmp_path: Path, config: Config) -> None:
    config.model = {"type": "mmengine.ImgDataPreprocessor"}
    path = save(tmp_path / "i.pth", trained_like())
    with pytest.raises(ValueError, match="ImgDataPreprocessor; only"):
        remove_auxiliary(config, path, out_dir=tmp_path / "out")
