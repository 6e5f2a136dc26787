"""TorchScript, by tracing."""

import io
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from mmaux.deploy.export_metadata import ExportMetadata

from .archive_entry import has_entry
from .export_format import ExportFormat, RunGraph, exporter_failed


class TorchScriptFormat(ExportFormat):
    """A traced network, for ``torch.jit.load`` in Python and C++.

    The trace runs at any size; a fixed one stands in the metadata only.
    """

    name = "torchscript"

    def serialise(self, network: nn.Module, example: Tensor, metadata: ExportMetadata) -> bytes:
        """Trace and save."""
        buffer = io.BytesIO()
        with torch.no_grad(), warnings.catch_warnings():
            # Checks of shapes in Python hold for all inputs; verification looks at other sizes.
            warnings.simplefilter("ignore")
            try:
                traced = torch.jit.trace(network, example, check_trace=False)
            except Exception as error:
                raise exporter_failed(self.name, error) from error
            torch.jit.save(traced, buffer, _extra_files={metadata.KEY: metadata.to_json()})
        return buffer.getvalue()

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """By its constants."""
        return has_entry(path, "constants.pkl")

    @classmethod
    def load(cls, path: Path) -> tuple[str, RunGraph]:
        """See the base class."""
        extra = {ExportMetadata.KEY: ""}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = torch.jit.load(str(path), map_location="cpu", _extra_files=extra)
        except RuntimeError as error:
            raise ValueError(f"'{path}' cannot be read as TorchScript: {error}") from error
        text = extra[ExportMetadata.KEY]
        return text.decode() if isinstance(text, bytes) else text, module
