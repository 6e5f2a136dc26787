from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, network_config
from PIL import Image
from room_folder import SIZE, dataset_config, pipeline, write_room
from scenes import CLASSES
from trained_network import network_of

from mmaux.deploy import ExportDisagreesError, export_network, load_exported, read_inputs
from mmaux.deploy.formats import TorchScriptFormat
from mmaux.utils.files import OutputPathError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room, a network with an auxiliary module for it, and its checkpoint."""
    folder = tmp_path_factory.mktemp("run")
    write_room(folder / "room")
    network = network_of("baseline", auxiliary=auxiliary())
    meta = {"dataset_meta": {"classes": NAMES}}
    torch.save({"meta": meta, "state_dict": network.state_dict()}, folder / "iter_9.pth")
    return folder


NAMES = ("wall", "floor", "table", "chair", "lamp")


def config_of(folder: Path, **model: Any) -> Config:
    test = dataset_config(folder / "room", "test", pipeline=pipeline(), test_mode=True)
    return Config(
        {
            "default_scope": "mmaux",
            "model": network_config(**{"auxiliary": auxiliary(), **model}),
            "test_dataloader": {"dataset": test},
        }
    )


def export(folder: Path, out: Path, config: Config | None = None, **options: Any) -> Any:
    settings = {"file_format": "torchscript", "complete": True, **options}
    checkpoint = settings.pop("checkpoint", folder / "iter_9.pth")
    return export_network(config or config_of(folder), checkpoint, out=out, **settings)


def test_file_predicts_an_image_as_the_test_pipeline_and_the_network_do(
    folder: Path, tmp_path: Path
) -> None:
    config = config_of(folder)
    report = export(folder, tmp_path / "a.pt", config, dynamic=True, fuse=True)
    assert report.had_training_parts
    assert report.fused > 50
    assert report.images == "2 test images"
    assert report.num_bytes == (tmp_path / "a.pt").stat().st_size
    exported = load_exported(report.file)
    assert exported.metadata == report.metadata
    assert exported.metadata.classes == NAMES
    with Image.open(folder / "room" / "image" / "b0.png") as picture:
        found = exported(np.asarray(picture.convert("RGB")))
    network = network_of("baseline", auxiliary=auxiliary())
    with torch.no_grad():
        (sample,) = network.test_step(read_inputs(config, num_images=1)[0])
    assert (found["semseg"] == sample.pred_sem_seg.data.numpy()).mean() >= 0.999
    np.testing.assert_allclose(found["depth"], sample.pred_depth_map.data.numpy(), atol=1e-3)
    np.testing.assert_allclose(found["normal"], sample.pred_normal_map.data.numpy(), atol=1e-3)
    assert found["depth"].std() > 0.1


def test_nothing_of_the_auxiliary_module_is_in_the_file(folder: Path, tmp_path: Path) -> None:
    export(folder, tmp_path / "a.pt")
    names = [name for name, _ in torch.jit.load(tmp_path / "a.pt").named_parameters()]
    assert any("heads.depth" in name for name in names)
    assert not [name for name in names if "auxiliary" in name]


def test_onnx_file_by_way_of_the_whole_function(folder: Path, tmp_path: Path) -> None:
    report = export(folder, tmp_path / "a.onnx", file_format="onnx", opset=20, num_images=1)
    assert report.metadata.size == SIZE
    assert all(agreement.holds for agreement in report.agreements)
    assert load_exported(tmp_path / "a.onnx").metadata == report.metadata


@pytest.mark.parametrize("complete", [True, False])
def test_given_size_and_given_images(folder: Path, tmp_path: Path, complete: bool) -> None:
    cv2.imwrite(str(tmp_path / "photo.png"), np.full((50, 70, 3), 90, np.uint8))
    config = config_of(folder)
    config.test_dataloader.dataset.data_root = "absent"
    report = export(
        folder,
        tmp_path / "a.pt",
        config,
        size=(64, 80),
        images=[tmp_path / "photo.png"],
        complete=complete,
    )
    assert report.images == "1 given images"
    assert report.metadata.size == (64, 80)


def test_without_data_textures_are_used_and_said_so(folder: Path, tmp_path: Path) -> None:
    config = config_of(folder)
    config.test_dataloader.dataset.data_root = str(tmp_path / "absent")
    report = export(folder, tmp_path / "a.pt", config, size=(64, 96))
    assert report.images.startswith("4 random textured images, not real ones: the test data")
    assert "absent" in report.images


def test_disagreement_leaves_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = TorchScriptFormat.serialise

    def wrong(self: TorchScriptFormat, network: Any, *args: Any) -> bytes:
        with torch.no_grad():
            network.network.heads.depth.decoder.conv_seg.bias += 0.01
        return write(self, network, *args)

    monkeypatch.setattr(TorchScriptFormat, "serialise", wrong)
    with pytest.raises(ExportDisagreesError, match=r"depth: 0\.01 m \(allowed 0\.001\)\. No file"):
        export(folder, tmp_path / "a.pt")
    assert list(tmp_path.iterdir()) == []


def test_older_file_survives_a_failure(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_text("older")
    with pytest.raises(ValueError, match="cannot be read"):
        export(folder, tmp_path / "a.pt", checkpoint=folder / "absent.pth")
    assert (tmp_path / "a.pt").read_text() == "older"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"backbone": {"type": "mmseg.ResNetV1c", "depth": 18}}, r"backbone"),
        ({"heads": network_config("depth")["heads"]}, r"heads\.normal +not in the model"),
    ],
)
def test_config_of_another_network(
    folder: Path, tmp_path: Path, model: dict[str, Any], message: str
) -> None:
    with pytest.raises(
        ValueError, match=rf"iter_9\.pth' is not of this config's network[\s\S]*{message}"
    ):
        export(folder, tmp_path / "a.pt", config_of(folder, auxiliary=None, **model))
    assert list(tmp_path.iterdir()) == []


def test_classes_of_another_number(folder: Path, tmp_path: Path) -> None:
    loaded = torch.load(folder / "iter_9.pth", weights_only=True)
    loaded["meta"]["dataset_meta"]["classes"] = ("one", "two")
    torch.save(loaded, tmp_path / "two.pth")
    with pytest.raises(ValueError, match=r"two\.pth': heads\.semseg: num_classes is 5.* 2 classes"):
        export(folder, tmp_path / "a.pt", checkpoint=tmp_path / "two.pth")


def test_classes_of_the_data_where_the_checkpoint_has_none(folder: Path, tmp_path: Path) -> None:
    state = torch.load(folder / "iter_9.pth", weights_only=True)["state_dict"]
    torch.save(state, tmp_path / "bare.pth")
    report = export(folder, tmp_path / "a.pt", checkpoint=tmp_path / "bare.pth")
    assert report.metadata.classes == tuple(CLASSES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint": "absent.pth"}, r"checkpoint 'absent\.pth' cannot be read"),
        ({"opset": 18}, "opset is 18, but format torchscript has none"),
        ({"file_format": "onnx", "opset": 3}, "opset is 3, which is not supported"),
        ({"size": (64, 96), "dynamic": True}, "size is .* and dynamic is set"),
        ({"size": (0, 96)}, "expected a positive height and width"),
        ({"images": ["absent.png"]}, r"images cannot be read: .*absent\.png"),
        ({"num_images": 0}, "num_images is at least 1, found 0"),
    ],
)
def test_wrong_arguments(
    folder: Path, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        export(folder, tmp_path / "a.pt", **options)
    assert list(tmp_path.iterdir()) == []


def test_sliding_window_and_other_networks_are_refused(folder: Path, tmp_path: Path) -> None:
    slide = {"mode": "slide", "crop_size": (32, 32), "stride": (16, 16)}
    with pytest.raises(ValueError, match=r"test_cfg\.mode is 'slide'.*test_cfg\.mode=whole"):
        export(folder, tmp_path / "a.pt", config_of(folder, test_cfg=slide))
    config = config_of(folder)
    config.model = {"type": "mmengine.ImgDataPreprocessor"}
    with pytest.raises(ValueError, match="model is a ImgDataPreprocessor; exported are"):
        export(folder, tmp_path / "a.pt", config)


def test_file_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError, match=r"file' is a file"):
        export(folder, tmp_path / "file" / "a.pt")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputPathError, match=r"folder' is a folder; give the name of a file"):
        export(folder, tmp_path / "folder")
