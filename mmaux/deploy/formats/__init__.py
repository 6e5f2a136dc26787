"""File formats of exported networks."""

from .export_format import ExportError, ExportFormat, RunGraph
from .onnx_format import OLDEST_OPSET, OnnxFormat
from .pt2_format import Pt2Format
from .torchscript_format import TorchScriptFormat

FORMATS: dict[str, type[ExportFormat]] = {
    kind.name: kind for kind in (OnnxFormat, TorchScriptFormat, Pt2Format)
}
"""By name."""


def build_format(name: str, *, opset: int | None = None) -> ExportFormat:
    """A format by its name.

    Args:
        name: One of :data:`FORMATS`.
        opset: Of ONNX.

    Raises:
        ValueError: There is no such format, it has no opset, or not this one.
        ImportError: A package that the format needs is missing.
    """
    if name == OnnxFormat.name:
        return OnnxFormat(opset)
    if name not in FORMATS:
        raise ValueError(f"format is {name!r}; expected one of {', '.join(FORMATS)}.")
    if opset is not None:
        raise ValueError(f"opset is {opset}, but format {name} has none; it belongs to onnx.")
    return FORMATS[name]()


__all__ = [
    "FORMATS",
    "OLDEST_OPSET",
    "ExportError",
    "ExportFormat",
    "OnnxFormat",
    "Pt2Format",
    "RunGraph",
    "TorchScriptFormat",
    "build_format",
]
