"""The auxiliary module: reads shared features in training, is removed afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.model import ModuleDict
from torch import Tensor, nn

from mmaux.registry import MODELS

from .adaptors import Adaptor
from .architecture import AuxiliaryArchitecture, Cell, parse_architecture
from .base_auxiliary import BaseAuxiliary, Branch, parse_loss_weights
from .small_head import build_small_head


class AuxiliaryCell(nn.Module):
    """Two adapted inputs, summed or concatenated (figure 2c).

    Args:
        cell: Its description.
        in_channels: Channels of its two inputs.
        channels: Channels of an adapted map.
        norm_cfg: Normalisation of the adaptors.
    """

    def __init__(
        self,
        cell: Cell,
        in_channels: Sequence[int],
        *,
        channels: int,
        norm_cfg: dict[str, Any],
    ) -> None:
        super().__init__()
        self.concatenates = cell.aggregation == "concat"
        adaptors = [
            Adaptor(name, count, channels, norm_cfg=norm_cfg, project_skip=not self.concatenates)
            for name, count in zip(cell.adaptors, in_channels, strict=True)
        ]
        self.adaptors = nn.ModuleList(adaptors)
        widths = [adaptor.out_channels for adaptor in adaptors]
        self.out_channels = sum(widths) if self.concatenates else channels

    def forward(self, first: Tensor, second: Tensor, size: tuple[int, int]) -> Tensor:
        """Aggregate two maps into one of ``size`` (h, w)."""
        left, right = self.adaptors[0](first, size), self.adaptors[1](second, size)
        return torch.cat([left, right], dim=1) if self.concatenates else left + right


@MODELS.register_module()
class AuxiliaryModule(BaseAuxiliary):
    """Chains of cells over the shared layers' feature maps, with a small head per task.

    Equations 2 and 3 of Liu et al. (1909.02214). The main network's outputs are the same with and
    without it, and ``predict`` never runs it.

    All cells work at the resolution of one tap, ``align_to``; the second by default, which has
    output stride 8 in the usual backbones (and is the only choice that neither repeats the
    stride-4 map's cost nor supervises a hierarchical backbone at stride 32).

    Args:
        taps: O_1 ... O_P, see :class:`BaseAuxiliary`.
        in_channels: Their channels.
        heads: Configs of the main heads by task; given by the segmentor. An auxiliary head is a
            head of the same kind and loss with a small decoder.
        architecture: A JSON file, the JSON form of an :class:`AuxiliaryArchitecture`, or options
            of the basic structure: ``dict(tasks=('depth',), adaptor='conv1x1',
            aggregation='sum')``, each optional.
        channels: Channels of adapted maps (the paper gives none).
        loss_weight: Weight of the auxiliary losses, one for all or by task (1 in equation 3).
        align_to: Index of the tap whose resolution the cells share.
        decoder: The auxiliary heads' decoder, see :func:`build_small_head`.
        norm_cfg: Normalisation of the adaptors.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: A tap, task, adaptor or input is unknown, or numbers do not match.
    """

    def __init__(
        self,
        *,
        taps: Sequence[str],
        in_channels: Sequence[int],
        heads: Mapping[str, dict[str, Any]],
        architecture: str | Path | Mapping[str, Any] | AuxiliaryArchitecture,
        channels: int = 64,
        loss_weight: float | Mapping[str, float] = 1.0,
        align_to: int | None = None,
        decoder: dict[str, Any] | None = None,
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(taps=taps, in_channels=in_channels, init_cfg=init_cfg)
        self.architecture = parse_architecture(
            architecture, num_inputs=len(self.taps), tasks=tuple(heads)
        )
        self.align_to = min(1, len(self.taps) - 1) if align_to is None else align_to
        if not 0 <= self.align_to < len(self.taps):
            raise ValueError(f"auxiliary.align_to is the index of a tap, found {align_to}.")
        self.loss_weights = parse_loss_weights(
            loss_weight, tasks=self.architecture.tasks, default=1.0
        )
        norm_cfg = {"type": "mmengine.BN"} if norm_cfg is None else norm_cfg

        widths = {f"O{p}": count for p, count in enumerate(in_channels, start=1)}
        # ModuleDict keys may hold no dots.
        self.cells = nn.ModuleDict()
        for name, cell in self.architecture.live_cells():
            built = AuxiliaryCell(
                cell, [widths[i] for i in cell.inputs], channels=channels, norm_cfg=norm_cfg
            )
            widths[name] = built.out_channels
            self.cells[self.cell_key(name)] = built
        self.heads = ModuleDict(
            {
                task: build_small_head(heads[task], in_channels=widths[output], decoder=decoder)
                for task, output in self.architecture.outputs.items()
            }
        )

    def forward(
        self, shared_maps: Mapping[str, Sequence[Tensor]], tasks: Sequence[str] | None = None
    ) -> dict[str, Tensor]:
        """The map that feeds each task's auxiliary head.

        Args:
            shared_maps: Feature maps of ``backbone`` and ``neck``.
            tasks: Tasks to compute; None: all.

        Returns:
            By task, h_P of shape (N, C, h, w).
        """
        nodes = {f"O{p}": m for p, m in enumerate(self.read_taps(shared_maps), start=1)}
        size = tuple(nodes[f"O{self.align_to + 1}"].shape[-2:])
        for name, cell in self.architecture.live_cells(tasks):
            first, second = (nodes[i] for i in cell.inputs)
            nodes[name] = self.cells[self.cell_key(name)](first, second, size)
        outputs = self.architecture.outputs.items()
        return {task: nodes[name] for task, name in outputs if tasks is None or task in tasks}

    def branches(
        self, shared_maps: Mapping[str, Sequence[Tensor]], tasks: Sequence[str] | None = None
    ) -> Iterator[Branch]:
        """Each task's auxiliary head at the end of its chain."""
        for task, feature in self(shared_maps, tasks).items():
            yield Branch(task, "", self.heads[task], feature)

    @staticmethod
    def cell_key(name: str) -> str:
        """Name in ``cells`` of a cell such as ``depth.2``."""
        return name.replace(".", "_")
