import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from folders import write_png
from mmengine.config import Config
from mmseg.apis import inference_model, init_model
from networks import network_config
from small_runs import run_tool

from mmaux.apis.load_segmentor import load_segmentor
from mmaux.apis.pseudo_labels import confident_labels, write_pseudo_labels
from mmaux.datasets import MultiTaskFolderDataset, NYUv2ExpansionDataset
from mmaux.registry import MODELS, TRANSFORMS

CLASSES = ("wall", "floor", "chair", "table", "lamp")
SIZES = {"a": (48, 64), "b": (48, 64), "deep/c": (64, 48), "d": (48, 64)}
FOREIGN = """
default_scope = "mmseg"
model = dict(
    type="EncoderDecoder",
    data_preprocessor=dict(
        type="SegDataPreProcessor", mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True,
        size_divisor=32, pad_val=0, seg_pad_val=255, test_cfg=dict(size_divisor=32)),
    backbone=dict(type="MobileNetV2", widen_factor=0.25, out_indices=(1, 2, 4, 6),
                  init_cfg=dict(type="Pretrained", checkpoint="nowhere.pth")),
    decode_head=dict(type="FCNHead", in_channels=80, in_index=3, channels=16, num_convs=1,
                     concat_input=False, num_classes=5, dropout_ratio=0.1,
                     loss_decode=dict(type="CrossEntropyLoss")),
    auxiliary_head=dict(type="FCNHead", in_channels=24, in_index=2, channels=8, num_convs=1,
                        num_classes=5, loss_decode=dict(type="CrossEntropyLoss")),
    test_cfg=dict(mode="whole"))
test_pipeline = [
    dict(type="LoadImageFromFile"),
    dict(type="Resize", scale=(96, 72), keep_ratio=True),
    dict(type="LoadAnnotations"),
    dict(type="PackSegInputs")]
test_dataloader = dict(dataset=dict(type="BaseSegDataset", pipeline=test_pipeline))
"""


def save(model: torch.nn.Module, path: Path, **meta: object) -> Path:
    """A checkpoint of a network that is sure of some pixels and unsure of others."""
    generator = torch.Generator().manual_seed(1)
    for name, value in model.named_parameters():
        if "conv_seg" in name:
            value.data = 0.8 * torch.randn(value.shape, generator=generator)
    model.train()
    with torch.no_grad():  # statistics that keep the scale of the features
        for _ in range(20):
            model(torch.randn((4, 3, 64, 96), generator=generator), mode="tensor")
    torch.save({"state_dict": model.state_dict(), "meta": meta}, path)
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for stem, size in SIZES.items():
        coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        image = cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_LINEAR)
        write_png(tmp_path / f"data/image/{stem}.png", image)
    return tmp_path / "data/image"


@pytest.fixture
def foreign(tmp_path: Path) -> tuple[Config, Path]:
    """A network of mmseg and its checkpoint."""
    (tmp_path / "foreign.py").write_text(FOREIGN)
    config = Config.fromfile(tmp_path / "foreign.py")
    torch.manual_seed(0)
    model = init_model(Config.fromfile(tmp_path / "foreign.py"), device="cpu")
    meta = {"dataset_meta": {"classes": CLASSES, "palette": [[0, 0, 0]] * 5}}
    return config, save(model, tmp_path / "foreign.pth", **meta)


@pytest.fixture
def own(tmp_path: Path) -> tuple[Config, Path]:
    """A multi-task network of mmaux; the classes stand in the config."""
    pipeline = [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmaux.LoadTargets"},
        {"type": "mmaux.PackMultiTaskInputs"},
    ]
    dataset = {
        "type": "mmaux.MultiTaskFolderDataset",
        "metainfo": {"classes": CLASSES},
        "pipeline": pipeline,
    }
    config = Config(
        {
            "default_scope": "mmaux",
            "model": network_config("semseg", "depth"),
            "test_dataloader": {"dataset": dataset},
        }
    )
    torch.manual_seed(0)
    return config, save(MODELS.build(config.model), tmp_path / "own.pth")


def labels_in(root: Path) -> dict[str, np.ndarray]:
    return {
        path.relative_to(root / "label").with_suffix("").as_posix(): cv2.imread(
            str(path), cv2.IMREAD_UNCHANGED
        )
        for path in (root / "label").rglob("*.png")
    }


def test_confident_labels_by_hand() -> None:
    probabilities = torch.tensor([[0.7, 0.5, 0.2], [0.2, 0.3, 0.25], [0.1, 0.2, 0.55]])
    logits = (probabilities.log() + 3)[:, None]
    labels = confident_labels(logits, threshold=0.52)
    assert labels.dtype == torch.uint8
    assert labels.tolist() == [[0, 255, 2]]
    assert confident_labels(logits, threshold=0).tolist() == [[0, 0, 2]]
    assert confident_labels(logits, threshold=0.99).tolist() == [[255, 255, 255]]


def test_every_class_id_fits() -> None:
    logits = torch.zeros(255, 1, 1)
    logits[254] = 20
    assert confident_labels(logits, threshold=0.5).item() == 254
    for channels in (1, 256):
        with pytest.raises(ValueError, match=f"gives {channels} channels"):
            confident_labels(torch.zeros(channels, 1, 1), threshold=0.5)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_labels_of_an_mmseg_network(images: Path, foreign, batch_size: int) -> None:
    config, checkpoint = foreign
    out = images.parent
    summary = write_pseudo_labels(
        config,
        checkpoint,
        images=images,
        out=out,
        threshold=0.6,
        batch_size=batch_size,
        workers=0,
    )
    assert (summary.labelled, summary.skipped) == (4, 0)
    found = labels_in(out)
    assert found.keys() == SIZES.keys()
    # mmseg's own inference, one image at a time
    model = init_model(Config.fromfile(config.filename), str(checkpoint), device="cpu")
    kept = 0
    for stem, labels in found.items():
        assert labels.shape == SIZES[stem]
        assert labels.dtype == np.uint8
        logits = inference_model(model, str(images / f"{stem}.png")).seg_logits.data.numpy()
        exponential = np.exp(logits - logits.max(axis=0))
        probability = exponential / exponential.sum(axis=0)
        near = np.abs(probability.max(axis=0) - 0.6) < 1e-4
        expected = np.where(probability.max(axis=0) < 0.6, 255, logits.argmax(axis=0))
        np.testing.assert_array_equal(labels[~near], expected[~near])
        kept += (labels < 255).sum()
    share = kept / sum(labels.size for labels in found.values())
    assert summary.kept == pytest.approx(share)
    assert 0.05 < share < 0.95
    assert len(np.unique(np.concatenate([x.ravel() for x in found.values()]))) > 2


def test_labels_of_an_own_network_are_read_back(images: Path, own) -> None:
    config, checkpoint = own
    out = images.parent
    (out / "meta.json").write_text('{"depth_scale": 500}')
    write_pseudo_labels(
        config, checkpoint, images=images, out=out, threshold=0.3, batch_size=2, workers=1
    )
    meta = json.loads((out / "meta.json").read_text())
    assert meta["depth_scale"] == 500
    assert meta["classes"] == list(CLASSES)
    assert meta["pseudo_labels"]["threshold"] == 0.3
    dataset = MultiTaskFolderDataset(
        data_root=str(out),
        targets=("semseg",),
        pipeline=config.test_dataloader.dataset.pipeline,
    )
    network, _ = load_segmentor(config, checkpoint)
    network.eval()
    for index, stem in enumerate(sorted(SIZES)):
        item = dataset[index]
        with torch.no_grad():
            batch = {key: [value] for key, value in item.items()}
            predicted = network.test_step(batch)[0]
        stored = torch.from_numpy(labels_in(out)[stem])
        sure = stored != 255
        assert sure.any()
        torch.testing.assert_close(predicted.pred_sem_seg.data[0][sure], stored[sure].long())


def test_another_set_of_classes_is_refused_by_the_expansion(images: Path, own) -> None:
    out = images.parent
    write_pseudo_labels(own[0], own[1], images=images, out=out, threshold=0, workers=0)
    with pytest.raises(ValueError, match=r"with 5 classes, but NYUv2ExpansionDataset is .* 40"):
        NYUv2ExpansionDataset(data_root=str(out), targets=("semseg",))


def test_a_second_run_goes_on_where_the_first_stopped(images: Path, own) -> None:
    config, checkpoint = own
    out = images.parent
    options = {"images": images, "out": out, "threshold": 0.3, "batch_size": 2, "workers": 0}
    whole = (images / "d.png").read_bytes()
    (images / "d.png").write_bytes(whole[:40])
    with pytest.raises(ValueError, match=r"image/d\.png: cannot be read as an image"):
        write_pseudo_labels(config, checkpoint, **options)
    assert labels_in(out).keys() == {"a", "b"}
    (images / "d.png").write_bytes(whole)
    (out / "label/.d.png.7.tmp").write_bytes(b"half")
    times = {stem: (out / f"label/{stem}.png").stat().st_mtime_ns for stem in ("a", "b")}
    summary = write_pseudo_labels(config, checkpoint, **options)
    assert (summary.labelled, summary.skipped) == (2, 2)
    assert not (out / "label/.d.png.7.tmp").exists()
    for stem, time in times.items():
        assert (out / f"label/{stem}.png").stat().st_mtime_ns == time
    resumed = labels_in(out)
    other = out.parent / "other"
    write_pseudo_labels(config, checkpoint, **{**options, "out": other, "batch_size": 1})
    for stem, labels in labels_in(other).items():
        np.testing.assert_array_equal(labels, resumed[stem])
    assert write_pseudo_labels(config, checkpoint, **options).labelled == 0


def test_labels_of_another_origin_are_not_mixed(images: Path, own) -> None:
    config, checkpoint = own
    out = images.parent
    options = {"images": images, "out": out, "workers": 0}
    write_pseudo_labels(config, checkpoint, threshold=0.3, **options)
    with pytest.raises(ValueError, match=r"threshold = 0\.3; this run has threshold = 0\.4"):
        write_pseudo_labels(config, checkpoint, threshold=0.4, **options)
    again = torch.load(checkpoint)
    again["state_dict"]["heads.semseg.decoder.conv_seg.bias"] += 1
    torch.save(again, checkpoint)
    with pytest.raises(ValueError, match="already holds pseudo-labels with checkpoint = "):
        write_pseudo_labels(config, checkpoint, threshold=0.3, **options)
    (out / "meta.json").unlink()
    with pytest.raises(ValueError, match="already holds labels that are not of this command"):
        write_pseudo_labels(config, checkpoint, threshold=0.3, **options)
    (out / "meta.json").write_text('{"classes": ["bed", "books"]}')
    with pytest.raises(ValueError, match=r"names 2 classes.*network has 5, \['wall'"):
        write_pseudo_labels(config, checkpoint, threshold=0.3, **options)
    (out / "meta.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"meta\.json: not a JSON object"):
        write_pseudo_labels(config, checkpoint, threshold=0.3, **options)


def test_bad_inputs(images: Path, own, foreign, tmp_path: Path) -> None:
    config, checkpoint = own
    options = {"images": images, "out": tmp_path / "out", "workers": 0}
    for threshold in (-0.1, 1):
        with pytest.raises(ValueError, match="threshold"):
            write_pseudo_labels(config, checkpoint, threshold=threshold, **options)
    with pytest.raises(ValueError, match="batch_size"):
        write_pseudo_labels(config, checkpoint, threshold=0.5, batch_size=0, **options)
    with pytest.raises(ValueError, match=r"is not of this config's network"):
        write_pseudo_labels(config, foreign[1], threshold=0.5, **options)
    with pytest.raises(ValueError, match=r"none\.pth' cannot be read"):
        write_pseudo_labels(config, tmp_path / "none.pth", threshold=0.5, **options)
    with pytest.raises(ValueError, match="no such folder of images"):
        write_pseudo_labels(
            config, checkpoint, threshold=0.5, images=tmp_path / "x", out=tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()
    write_png(images / "a.jpeg.png", np.zeros((8, 8, 3), np.uint8))
    write_png(images / "b.jpg", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match=r"b\.png: b\.jpg has the same stem"):
        write_pseudo_labels(config, checkpoint, threshold=0.5, **options)


def test_unknown_or_wrong_classes(images: Path, own, tmp_path: Path) -> None:
    config, checkpoint = own
    options = {"images": images, "workers": 0, "threshold": 0.5}
    config.test_dataloader.dataset.metainfo = {"classes": CLASSES[:4]}
    with pytest.raises(ValueError, match="gives 5 channels of logits but 4 classes are named"):
        write_pseudo_labels(config, checkpoint, out=tmp_path / "one", **options)
    config.test_dataloader.dataset.metainfo = {}
    with pytest.raises(ValueError, match="names the classes; add them: --cfg-options"):
        write_pseudo_labels(config, checkpoint, out=tmp_path / "two", **options)
    config.test_dataloader.dataset.type = "mmaux.NYUv2Dataset13"
    assert len(load_segmentor(config, checkpoint)[1]) == 13


def test_classes_of_a_data_set_named_without_scope(foreign) -> None:
    config, checkpoint = foreign
    content = torch.load(checkpoint)
    torch.save(content["state_dict"], checkpoint)
    config.test_dataloader.dataset.type = "CityscapesDataset"
    classes = load_segmentor(config, checkpoint)[1]
    assert (len(classes), classes[0]) == (19, "road")


def test_a_network_without_segmentation(images: Path, own, tmp_path: Path) -> None:
    config, _ = own
    config.model = network_config("depth")
    checkpoint = save(MODELS.build(config.model), tmp_path / "depth.pth")
    with pytest.raises(ValueError, match="predicts no seg_logits"):
        write_pseudo_labels(
            config, checkpoint, images=images, out=tmp_path / "out", threshold=0.5, workers=0
        )


def test_command(images: Path, foreign, tmp_path: Path) -> None:
    config, checkpoint = foreign
    tool = "dataset_converters/pseudo_labels.py"
    arguments = (config.filename, checkpoint, "--out", "data", "--threshold", "0.4")
    printed = run_tool(tool, *arguments, "--device", "cpu", cwd=tmp_path).stdout
    assert "4 images labelled now (" in printed
    assert "0 done before, in data/label" in printed
    assert labels_in(images.parent).keys() == SIZES.keys()
    failed = run_tool(tool, *arguments, "--images", "none", cwd=tmp_path, fails=True)
    assert failed.returncode == 2
    assert "error: none: no such folder of images (--images)." in failed.stdout


def test_a_pipeline_of_classes_is_read(images: Path, own) -> None:
    """Configs in pure Python hold the transforms' classes."""
    config, checkpoint = own
    steps = config.test_dataloader.dataset.pipeline
    for step in steps:
        step["type"] = TRANSFORMS.get(step["type"])
    found = write_pseudo_labels(
        config, checkpoint, images=images, out=images.parent / "out", threshold=0, workers=0
    )
    assert found.labelled == len(SIZES)
