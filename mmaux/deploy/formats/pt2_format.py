"""PyTorch's exported programs."""

import io
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from mmaux.deploy.export_metadata import ExportMetadata

from .archive_entry import has_entry
from .export_format import ExportFormat, RunGraph, exporter_failed


def export_program(
    network: nn.Module, example: Tensor, metadata: ExportMetadata
) -> ExportedProgram:
    """``torch.export`` with a dynamic batch and, where the metadata fix none, a dynamic size.

    Raises:
        Exception: Whatever PyTorch's exporter raises.
    """
    height_axis = 1 if metadata.complete else 2
    axes = [0] if metadata.size is not None else [0, height_axis, height_axis + 1]
    with torch.no_grad():
        return torch.export.export(
            network, (example,), dynamic_shapes=(dict.fromkeys(axes, Dim.DYNAMIC),)
        )


class Pt2Format(ExportFormat):
    """An exported program, for ``torch.export.load`` and AOTInductor."""

    name = "pt2"

    def serialise(self, network: nn.Module, example: Tensor, metadata: ExportMetadata) -> bytes:
        """Export and save."""
        buffer = io.BytesIO()
        try:
            program = export_program(network, example, metadata)
        except Exception as error:
            raise exporter_failed(self.name, error) from error
        torch.export.save(program, buffer, extra_files={metadata.KEY: metadata.to_json()})
        return buffer.getvalue()

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By its mark."""
        return has_entry(path, "archive_format")

    @classmethod
    def load(cls, path: Path) -> tuple[str, RunGraph]:
        """See the base class."""
        extra = {ExportMetadata.KEY: ""}
        try:
            program = torch.export.load(io.BytesIO(path.read_bytes()), extra_files=extra)
        except Exception as error:
            raise ValueError(f"'{path}' cannot be read as an exported program: {error}") from error
        return extra[ExportMetadata.KEY], program.module()
