"""A file format for networks."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from torch import Tensor, nn

from mmaux.deploy.export_metadata import ExportMetadata

RunGraph = Callable[[Tensor], tuple[Tensor, ...]]


class ExportError(RuntimeError):
    """PyTorch's exporter cannot express the network; the message has its reason."""


class ExportFormat(ABC):
    """Writes a network as bytes and makes such a file run.

    The batch size is always dynamic.
    """

    name: ClassVar[str]

    @abstractmethod
    def serialise(self, network: nn.Module, example: Tensor, metadata: ExportMetadata) -> bytes:
        """Content of a file.

        Args:
            network: Takes one tensor and returns a tuple of tensors.
            example: An input of batch size 2; of the size that the metadata fix, if they do.
            metadata: Written into the file, and names its input and outputs.

        Raises:
            ExportError: The network cannot be expressed in this format.
        """

    @classmethod
    @abstractmethod
    def recognises(cls, path: Path) -> bool:
        """Whether a file has this format, by its content."""

    @classmethod
    @abstractmethod
    def load(cls, path: Path) -> tuple[str, RunGraph]:
        """The description inside a file (empty: none), and its graph on the CPU.

        Raises:
            ValueError: The file cannot be read.
            ImportError: The format's runtime is not installed.
        """


def exporter_failed(format_name: str, error: Exception) -> ExportError:
    """An error with the part of an exporter's message that people can read."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = " ".join(lines[:3])[:600] or "no reason given"
    return ExportError(
        f"PyTorch cannot export this network as {format_name} ({type(error).__name__}: {reason})"
    )
