"""ONNX, with ONNX Runtime as its reference."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from mmaux.deploy.export_metadata import ExportMetadata
from mmaux.utils.dependencies import require

from .export_format import ExportError, ExportFormat, RunGraph, exporter_failed
from .pt2_format import export_program

OLDEST_OPSET = 18
"""The oldest that PyTorch's exporter has implementations for; conversions below it fail."""

_EXTRA = "mmaux[deploy]"


class OnnxFormat(ExportFormat):
    """An ONNX model of one file.

    Args:
        opset: Version of the operator set; the oldest by default, which most runtimes know.

    Raises:
        ValueError: There is no exporter for this opset.
        ImportError: A package of the extra ``deploy`` is missing.
    """

    name = "onnx"

    def __init__(self, opset: int | None = None) -> None:
        purpose = "exporting to ONNX"
        onnx = require("onnx", package=_EXTRA, purpose=purpose)
        require("onnxscript", package=_EXTRA, purpose=purpose)
        _runtime(purpose)
        newest = onnx.defs.onnx_opset_version()
        self.opset = OLDEST_OPSET if opset is None else opset
        if not OLDEST_OPSET <= self.opset <= newest:
            raise ValueError(
                f"opset is {self.opset}, which is not supported; expected {OLDEST_OPSET} to "
                f"{newest} (PyTorch {torch.__version__}, onnx {onnx.__version__})."
            )

    def serialise(self, network: nn.Module, example: Tensor, metadata: ExportMetadata) -> bytes:
        """Export by way of ``torch.export``, and make sure of the opset."""
        try:
            program = export_program(network, example, metadata)
            with _quiet("onnxscript"), torch.no_grad():
                exported = torch.onnx.export(
                    program,
                    (),
                    dynamo=True,
                    verbose=False,
                    opset_version=self.opset,
                    input_names=[metadata.input_name],
                    output_names=list(metadata.output_names),
                )
        except Exception as error:
            raise exporter_failed(self.name, error) from error
        if exported is None:
            raise ExportError("PyTorch's ONNX exporter returned no model.")
        model = exported.model_proto
        found = next(entry.version for entry in model.opset_import if entry.domain == "")
        if found != self.opset:
            raise ExportError(
                f"PyTorch exported opset {found} in place of {self.opset}: the network has an "
                f"operator that it cannot convert. Choose opset {found}."
            )
        _name_dimensions(model.graph, complete=metadata.complete)
        entry = model.metadata_props.add()
        entry.key, entry.value = metadata.KEY, metadata.to_json()
        return model.SerializeToString()

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By exclusion: ONNX files bear no mark, and start with the field of the IR version."""
        with path.open("rb") as file:
            return file.read(1) == b"\x08"

    @classmethod
    def load(cls, path: Path) -> tuple[str, RunGraph]:
        """See the base class; it computes with as many threads as PyTorch."""
        runtime = _runtime(f"running '{path}'")
        try:
            options = runtime.SessionOptions()
            options.intra_op_num_threads = torch.get_num_threads()
            session = runtime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ValueError(
                f"'{path}' cannot be read by ONNX Runtime {runtime.__version__}: {error}"
            ) from error
        name = session.get_inputs()[0].name

        def run(images: Tensor) -> tuple[Tensor, ...]:
            return tuple(map(torch.from_numpy, session.run(None, {name: images.numpy()})))

        return session.get_modelmeta().custom_metadata_map.get(ExportMetadata.KEY, ""), run


def _name_dimensions(graph: Any, *, complete: bool) -> None:
    """Call what is free ``batch``, ``height`` and ``width`` in place of the exporter's ``s34``."""
    axes = ("batch", "height", "width", "") if complete else ("batch", "", "height", "width")
    shape = graph.input[0].type.tensor_type.shape
    names = {
        dimension.dim_param: name
        for dimension, name in zip(shape.dim, axes, strict=True)
        if dimension.dim_param
    }
    for value in (*graph.input, *graph.output, *graph.value_info):
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param:
                dimension.dim_param = re.sub(
                    r"\w+", lambda found: names.get(found[0], found[0]), dimension.dim_param
                )


def _runtime(purpose: str) -> ModuleType:
    return require("onnxruntime", package=_EXTRA, purpose=purpose)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without the notes of a logger on conversions, whose result is looked at anyway."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
