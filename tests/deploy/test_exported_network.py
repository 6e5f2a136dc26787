from pathlib import Path

import numpy as np
import pytest
import torch
from networks import batch
from trained_network import network_of, photographs

from mmaux.deploy import (
    FORMATS,
    DeployedNetwork,
    ExportedNetwork,
    ExportMetadata,
    ImagePreparation,
    load_exported,
)
from mmaux.deploy.agreement import predict
from mmaux.models import MultiTaskEncoderDecoder, SceneHead

SIZE = (64, 96)
ANY = ((1, 64, 96), (2, 75, 90), (1, 97, 70))
FIXED = ((1, *SIZE), (2, *SIZE))


def export(
    folder: Path,
    network: MultiTaskEncoderDecoder,
    kind: str,
    *,
    complete: bool,
    dynamic: bool,
    size: tuple[int, int] = SIZE,
) -> ExportedNetwork:
    preparation = ImagePreparation.of(network.data_preprocessor)
    example = torch.from_numpy(photographs(2, size))
    if not complete:
        example = preparation.pad(preparation.normalise(example))
    fixed = tuple(example.shape[1:3] if complete else example.shape[-2:])
    metadata = ExportMetadata.of(
        network, classes=tuple("abcde"), complete=complete, size=None if dynamic else fixed
    )
    module = DeployedNetwork(network, preparation if complete else None).eval()
    (folder / "file").write_bytes(FORMATS[kind]().serialise(module, example, metadata))
    loaded = load_exported(folder / "file")
    assert loaded.metadata == metadata
    return loaded


def assert_predictions_are_those_of_pytorch(
    exported: ExportedNetwork, network: MultiTaskEncoderDecoder, shape: tuple[int, ...]
) -> None:
    images = photographs(shape[0], shape[1:], seed=3)
    expected, found = predict(network, images), exported(images)
    assert tuple(found) == tuple(expected) == ("semseg", "depth", "normal")
    assert found["semseg"].dtype == np.int64
    for task, reference in expected.items():
        assert found[task].shape == tuple(reference.shape)
        assert found[task].shape[-2:] == shape[1:]
    assert (found["semseg"] == expected["semseg"].numpy()).mean() >= 0.999
    np.testing.assert_allclose(found["depth"], expected["depth"].numpy(), atol=1e-3, rtol=0)
    cosine = (found["normal"].astype(float) * expected["normal"].double().numpy()).sum(1)
    assert np.rad2deg(np.arccos(cosine.clip(-1, 1))).max() <= 0.1
    # Not a comparison of constants.
    assert len(np.unique(found["semseg"])) >= 2
    assert found["depth"].std() > 0.1
    assert found["normal"].std(axis=(0, 2, 3)).min() > 0.05


@pytest.mark.parametrize(
    ("name", "kind", "complete", "dynamic"),
    [
        ("baseline", "torchscript", True, True),
        ("baseline", "pt2", True, True),
        ("context", "onnx", False, True),
        ("context", "torchscript", False, True),
        ("context", "pt2", False, False),
        ("u_shape", "onnx", True, True),
        ("u_shape", "torchscript", True, False),
        ("u_shape", "torchscript", False, True),
        ("u_shape", "pt2", True, True),
        ("self_attention", "onnx", False, False),
        ("self_attention", "torchscript", True, True),
    ],
)
def test_every_format_predicts_what_pytorch_predicts(
    tmp_path: Path, name: str, kind: str, complete: bool, dynamic: bool
) -> None:
    network = network_of(name)
    exported = export(tmp_path, network, kind, complete=complete, dynamic=dynamic)
    for shape in ANY if dynamic else FIXED:
        assert_predictions_are_those_of_pytorch(exported, network, shape)
    if not dynamic:
        with pytest.raises(ValueError, match=r"96 x 64 .*exported for 64 x 96"):
            exported(photographs(1, (96, 64)))


def test_fixed_size_that_is_no_multiple_of_the_divisor(tmp_path: Path) -> None:
    network = network_of("u_shape")
    for kind, complete, graph_size in (("pt2", True, (75, 90)), ("torchscript", False, (96, 96))):
        exported = export(tmp_path, network, kind, complete=complete, dynamic=False, size=(75, 90))
        assert exported.metadata.size == graph_size
        assert_predictions_are_those_of_pytorch(exported, network, (2, 75, 90))


def test_one_image_gives_maps_without_a_batch_and_wrong_arrays_are_named(tmp_path: Path) -> None:
    exported = export(tmp_path, network_of("baseline"), "torchscript", complete=True, dynamic=True)
    images = photographs(1, SIZE)
    alone, batched = exported(images[0]), exported(images)
    assert {task: array.shape for task, array in alone.items()} == {
        "semseg": (1, *SIZE),
        "depth": (1, *SIZE),
        "normal": (3, *SIZE),
    }
    for task, array in alone.items():
        np.testing.assert_array_equal(array, batched[task][0])
    with pytest.raises(TypeError, match="images are float32; expected uint8"):
        exported(images.astype(np.float32))
    with pytest.raises(ValueError, match=r"shape \(1, 3, 64, 96\); expected \(H, W, 3\)"):
        exported(images.transpose(0, 3, 1, 2))


def test_graph_without_processing_gives_fields_bit_equal_to_encode_decode(tmp_path: Path) -> None:
    network = network_of("context")
    exported = export(tmp_path, network, "torchscript", complete=False, dynamic=True)
    inputs = network.data_preprocessor(batch((), ()))["inputs"]
    with torch.no_grad():
        joined = network.encode_decode(inputs, [])
        assert torch.equal(torch.cat(exported.graph(inputs), dim=1), joined)


def test_files_that_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.onnx' is not a file"):
        load_exported(tmp_path / "absent.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(ValueError, match=r"not of one of the formats onnx, torchscript, pt2"):
        load_exported(tmp_path / "text.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"\x08\x0a broken")
    with pytest.raises(ValueError, match=r"broken\.onnx' cannot be read by ONNX Runtime"):
        load_exported(tmp_path / "broken.onnx")
    torch.save({"state_dict": {}}, tmp_path / "weights.pth")
    with pytest.raises(ValueError, match="not of one of the formats"):
        load_exported(tmp_path / "weights.pth")


def test_network_of_somebody_else(tmp_path: Path) -> None:
    traced = torch.jit.trace(torch.nn.ReLU(), torch.zeros(1))
    torch.jit.save(traced, tmp_path / "relu.pt")
    with pytest.raises(ValueError, match=r"relu\.pt' \(torchscript\) has no entry 'mmaux\.json'"):
        load_exported(tmp_path / "relu.pt")
    program = torch.export.export(torch.nn.ReLU(), (torch.zeros(1),))
    torch.export.save(program, tmp_path / "relu.pt2")
    with pytest.raises(ValueError, match=r"relu\.pt2' \(pt2\) has no entry"):
        load_exported(tmp_path / "relu.pt2")


@pytest.mark.parametrize("complete", [True, False])
def test_a_task_about_the_whole_image(tmp_path: Path, complete: bool) -> None:
    """Images of 75x90 are padded to 96x96, and what is there must not count."""
    network = network_of("u_shape")
    decoder = {
        "type": "mmseg.FCNHead",
        "in_channels": 8,
        "in_index": 0,
        "channels": 8,
        "num_convs": 0,
        "concat_input": False,
        "norm_cfg": None,
    }
    torch.manual_seed(0)
    network.heads["scene"] = head = SceneHead(num_classes=4, decoder=decoder).eval()
    images = photographs(8, (75, 90), seed=5)
    last = head.decoder.conv_seg
    torch.nn.init.normal_(last.weight)
    # Whatever sets the images apart decides, and not what they share.
    preparation = ImagePreparation.of(network.data_preprocessor)
    with torch.no_grad():
        inputs = preparation.pad(preparation.normalise(torch.from_numpy(images)))
        last.bias.zero_()
        fields = head.predict_field(network.extract_feat(inputs), inputs.shape[-2:])
        fields = preparation.crop(fields, 75, 90)
        last.bias.copy_(-fields.mean((0, 2, 3)))
    exported = export(tmp_path, network, "torchscript", complete=complete, dynamic=True)
    expected, found = predict(network, images), exported(images)
    assert found["scene"].shape == (8, 1, 1, 1)
    assert found["scene"].dtype == np.int64
    assert np.array_equal(found["scene"], expected["scene"].numpy())
    assert len(np.unique(found["scene"])) >= 2
    assert exported(images[0])["scene"].shape == (1, 1, 1)
