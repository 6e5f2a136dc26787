"""One network in the forms in which it can be run."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmaux.deploy import DeployedNetwork, ExportMetadata, fuse_network
from mmaux.deploy.formats import build_format
from mmaux.models import MultiTaskEncoderDecoder

from .process_memory import peak_resident_bytes, resident_bytes
from .training_step import build_network

Maps = tuple[Tensor, ...]
Graph = Callable[[Tensor], Maps]
Build = Callable[[MultiTaskEncoderDecoder, Tensor], Graph]
EAGER = "eager"
ONNX_RUNTIME = "ONNX Runtime"


class FormsDisagreeError(RuntimeError):
    """A form of a network predicts something else than the eager one; the message says where."""


@dataclass(frozen=True)
class Form:
    """A way to run a network.

    Attributes:
        build: From a network in evaluation mode and an example of its input, what runs it.
        tolerance: Largest root mean square deviation of a map from the eager one, over the
            standard deviation of that map, that passes for rounding.
        runs_on: Whether a device can run it.
    """

    build: Build
    tolerance: float = 1e-3
    runs_on: Callable[[str], bool] = lambda device: True


def _eager(network: MultiTaskEncoderDecoder, example: Tensor) -> Graph:
    return DeployedNetwork(network).eval()


def _fused(network: MultiTaskEncoderDecoder, example: Tensor) -> nn.Module:
    return DeployedNetwork(fuse_network(network)[0]).eval()


def _channels_last(network: MultiTaskEncoderDecoder, example: Tensor) -> Graph:
    fused: Any = _fused(network, example)
    fused = fused.to(memory_format=torch.channels_last)
    return lambda images: fused(images.contiguous(memory_format=torch.channels_last))


def _compiled(network: MultiTaskEncoderDecoder, example: Tensor) -> Graph:
    compiled: Graph = torch.compile(_fused(network, example))
    return compiled


def _half(network: MultiTaskEncoderDecoder, example: Tensor) -> Graph:
    graph = _channels_last(network, example)
    device = example.device.type

    def run(images: Tensor) -> Maps:
        with torch.autocast(device, dtype=torch.float16 if device == "cuda" else torch.bfloat16):
            return graph(images)

    return run


def _onnx(network: MultiTaskEncoderDecoder, example: Tensor) -> Graph:
    with TemporaryDirectory() as folder:
        return load_onnx(write_onnx(network, example, Path(folder) / "network.onnx"))


def write_onnx(network: MultiTaskEncoderDecoder, example: Tensor, file: Path) -> Path:
    """Export a network, batch norms fused, for the size of an example and any batch size."""
    size = (int(example.shape[-2]), int(example.shape[-1]))
    metadata = ExportMetadata.of(network, classes=(), complete=False, size=size)
    # The exporter takes a batch size of 1 for a constant.
    two = example[[0, 0]]
    file.write_bytes(build_format("onnx").serialise(_fused(network, two), two, metadata))
    return file


def load_onnx(file: Path) -> Graph:
    """What runs an ONNX file."""
    return build_format("onnx").load(file)[1]


def _computes_in_half(device: str) -> bool:
    return device == "cuda" or torch.cpu._is_avx512_bf16_supported()


FORMS: dict[str, Form] = {
    EAGER: Form(_eager, tolerance=0.0),
    "fused": Form(_fused),
    "fused, channels last": Form(_channels_last),
    "fused, torch.compile": Form(_compiled),
    "fused, channels last, half": Form(_half, tolerance=0.7, runs_on=_computes_in_half),
    ONNX_RUNTIME: Form(_onnx, runs_on=lambda device: device == "cpu"),
}
"""Half precision is float16 on a GPU, and bfloat16, with its 8 bits, on a CPU that computes in it.
Random weights make much of its rounding (0.39 was seen, 0.01 with trained ones); maps that have
nothing to do with each other deviate by 1.4, and half of that does not pass for rounding."""


def choose_forms(patterns: Sequence[str], *, device: str) -> dict[str, Form]:
    """The forms that a device runs and a pattern matches, and always the eager one.

    Args:
        patterns: Names, with ``*`` and ``?`` as in a shell.
        device: ``cpu`` or ``cuda``.

    Raises:
        ValueError: A pattern matches nothing.
    """
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in FORMS):
            raise ValueError(f"--forms: nothing is named {pattern!r}; there are {list(FORMS)}.")
    return {
        name: form
        for name, form in FORMS.items()
        if form.runs_on(device)
        and (name == EAGER or any(fnmatchcase(name, pattern) for pattern in patterns))
    }


def settle_batch_norms(network: MultiTaskEncoderDecoder, images: Tensor) -> None:
    """Give an untrained network running statistics under which its maps depend on the image.

    With those that batch norms begin with activations fade layer by layer, and every form would
    compute the same constant.
    """
    norms: list[Any] = [m for m in network.modules() if isinstance(m, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    with torch.no_grad():
        DeployedNetwork(network)(images)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def build_forms(
    network: MultiTaskEncoderDecoder, example: Tensor, forms: Mapping[str, Form]
) -> tuple[dict[str, Graph], dict[str, float]]:
    """Build forms of a network and compare what they compute.

    Args:
        network: Without its auxiliary module, in evaluation mode; not changed.
        example: Normalised images (N, 3, H, W).
        forms: By name, the eager one among them.

    Returns:
        The forms by name; and the root mean square deviation of each from the eager one, over the
        standard deviation of the eager map, the largest of all maps.

    Raises:
        FormsDisagreeError: A deviation is larger than rounding.
        ImportError: A form needs a package that is missing.
    """
    graphs = {}
    deviations = {}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = _eager(network, example)(example)
        for name, form in forms.items():
            graphs[name] = form.build(network, example)
            found = graphs[name](example)
            deviations[name] = max(
                float((one.float() - other).square().mean().sqrt() / other.std())
                for one, other in zip(found, expected, strict=True)
            )
            if not deviations[name] <= form.tolerance:
                raise FormsDisagreeError(
                    f"form {name!r} deviates from the eager network by {deviations[name]:.2g} of "
                    f"its standard deviation; expected at most {form.tolerance:g}."
                )
    return graphs, deviations


def peak_inference_bytes(
    content: dict[str, Any], name: str, batch_size: int, size: tuple[int, int], device: str
) -> int:
    """Peak memory of building a form of a network and of some calls.

    Args:
        content: A config as a dict.
        name: Of the form; not the exported one, see :func:`peak_onnx_bytes`.
        batch_size: Images a call.
        size: (H, W) in pixels.
        device: ``cpu`` or ``cuda``.

    Returns:
        On a GPU what PyTorch's allocator held at most. On the CPU by how much the process's peak
        resident memory exceeds what it held with all packages imported: call it in a fresh
        process then (:func:`mmaux.benchmarking.fresh_process.run_in_fresh_process`).
    """
    config = Config(content)

    def build(*shape: int) -> tuple[Graph, Tensor]:
        network = build_network(config, device).eval()
        network.remove_auxiliary()
        example = torch.zeros(shape[0], 3, *shape[1:], device=device)
        return FORMS[name].build(network, example), example

    build(1, 32, 32)  # imports what the form needs
    before = resident_bytes()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    graph, example = build(batch_size, *size)
    _call(graph, example)
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return peak_resident_bytes() - before


def peak_onnx_bytes(file: Path, batch_size: int, size: tuple[int, int]) -> int:
    """The same of loading an ONNX file, without its export, on the CPU."""
    build_format("onnx")  # imports the runtime
    before = resident_bytes()
    _call(load_onnx(file), torch.zeros(batch_size, 3, *size))
    return peak_resident_bytes() - before


def _call(graph: Graph, example: Tensor) -> None:
    with torch.no_grad():
        for _ in range(3):
            graph(example)
