import json
import sys

import onnx
import pytest
import torch
from torch import nn
from trained_network import network_of

from mmaux.deploy import ExportError, ExportMetadata
from mmaux.deploy.formats import OnnxFormat, build_format


class Small(nn.Module):
    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        scaled = image.permute(0, 3, 1, 2).float()
        return scaled.argmax(1, keepdim=True), scaled[:, :1], scaled * 2


@pytest.fixture(scope="module")
def metadata() -> ExportMetadata:
    return ExportMetadata.of(network_of("baseline"), classes=("x",), complete=True, size=None)


EXAMPLE = torch.zeros(2, 8, 9, 3, dtype=torch.uint8)


@pytest.mark.parametrize(("asked", "written"), [(None, 18), (18, 18), (20, 20)])
def test_file_has_the_opset_names_and_description(
    metadata: ExportMetadata, asked: int | None, written: int
) -> None:
    content = OnnxFormat(asked).serialise(Small(), EXAMPLE, metadata)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] == written
    assert [value.name for value in model.graph.input] == ["image"]
    assert [value.name for value in model.graph.output] == ["semseg", "depth", "normal"]
    (text,) = (entry.value for entry in model.metadata_props if entry.key == "mmaux.json")
    assert json.loads(text)["classes"] == ["x"]
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    assert [size.dim_param or size.dim_value for size in sizes] == ["batch", "height", "width", 3]
    for value, channels in zip(model.graph.output, (1, 1, 3), strict=True):
        sizes = value.type.tensor_type.shape.dim
        found = [size.dim_param or size.dim_value for size in sizes]
        assert found == ["batch", channels, "height", "width"]


@pytest.mark.parametrize("opset", [-1, 17, 99])
def test_unsupported_opset(opset: int) -> None:
    with pytest.raises(ValueError, match=rf"opset is {opset}, which is not supported; expected 18"):
        build_format("onnx", opset=opset)


def test_other_formats_have_no_opset_and_other_names_no_format() -> None:
    with pytest.raises(ValueError, match="opset is 18, but format pt2 has none"):
        build_format("pt2", opset=18)
    with pytest.raises(ValueError, match="format is 'tflite'; expected one of onnx, torchscript"):
        build_format("tflite")


@pytest.mark.parametrize("module", ["onnx", "onnxruntime", "onnxscript"])
def test_missing_package_is_named_with_its_command(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"`{module}`[\s\S]*pip install .*'mmaux\[deploy\]'"):
        build_format("onnx")
    assert build_format("torchscript").name == "torchscript"


class WithoutOperator(nn.Module):
    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (image.float() if image.sum() > 3 else image.double(),)


@pytest.mark.parametrize("kind", ["onnx", "pt2"])
def test_network_that_cannot_be_expressed(kind: str, metadata: ExportMetadata) -> None:
    with pytest.raises(ExportError, match=rf"cannot export this network as {kind} \("):
        build_format(kind).serialise(WithoutOperator(), EXAMPLE, metadata)
