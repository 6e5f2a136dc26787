"""What reads shared features in training only."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mmengine.model import BaseModule
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.models.heads import BaseTaskHead


class Branch(NamedTuple):
    """A head beside the main ones, and the map that it reads.

    Attributes:
        task: Its task.
        name: What tells it from the task's other branches; empty where there is only one.
        head: Its head.
        feature: A map (N, C, h, w).
    """

    task: str
    name: str
    head: BaseTaskHead
    feature: Tensor


class BaseAuxiliary(BaseModule, ABC):
    """Reads feature maps of the shared layers, never writes to them, and adds losses by task.

    It stands in the segmentor's ``auxiliary`` slot: run after the main heads in training, never in
    prediction, and removed afterwards.

    Args:
        taps: The feature maps read, ``backbone.i`` or ``neck.i``: the i-th output of the backbone
            or of the shared neck, from shallow to deep.
        in_channels: Their channels.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: A tap is unknown, or there are not as many channels as taps.
    """

    loss_weights: dict[str, float]
    """By task, the weight of its branches' losses; set by the subclass."""

    def __init__(
        self,
        *,
        taps: Sequence[str],
        in_channels: Sequence[int],
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.taps = tuple(_parse_tap(tap) for tap in taps)
        if len(in_channels) != len(self.taps):
            raise ValueError(
                f"auxiliary.in_channels has {len(in_channels)} entries for {len(self.taps)} taps."
            )
        self.in_channels = tuple(in_channels)

    @abstractmethod
    def branches(
        self, shared_maps: Mapping[str, Sequence[Tensor]], tasks: Sequence[str] | None = None
    ) -> Iterator[Branch]:
        """Every auxiliary head with its input.

        Args:
            shared_maps: Feature maps of ``backbone`` and ``neck``.
            tasks: Tasks whose heads are asked for; None: all.
        """

    def read_taps(self, shared_maps: Mapping[str, Sequence[Tensor]]) -> list[Tensor]:
        """The maps of the taps, in their order.

        Raises:
            ValueError: The network has no such map, or it has other channels.
        """
        found = []
        for (source, index), channels in zip(self.taps, self.in_channels, strict=True):
            maps = shared_maps.get(source, ())
            if index >= len(maps):
                raise ValueError(
                    f"auxiliary.taps reads {source}.{index}, but the {source} gives "
                    f"{len(maps)} feature maps; check its out_indices."
                )
            if maps[index].shape[1] != channels:
                raise ValueError(
                    f"auxiliary.in_channels says {channels} for {source}.{index}, which has "
                    f"{maps[index].shape[1]}; the maps of the {source} have "
                    f"{[feature.shape[1] for feature in maps]}."
                )
            found.append(maps[index])
        return found

    def loss(
        self,
        shared_maps: Mapping[str, Sequence[Tensor]],
        samples: Sequence[SegDataSample],
        size: Sequence[int],
        tasks: Sequence[str] | None = None,
    ) -> dict[str, dict[str, Tensor]]:
        """Weighted auxiliary losses by task and name (second sum of equation 3).

        Args:
            shared_maps: Feature maps of ``backbone`` and ``neck``.
            samples: The N data samples.
            size: Size (H, W) of the network's input, at which the losses are taken.
            tasks: Tasks to compute; None: all.
        """
        losses: dict[str, dict[str, Tensor]] = {}
        for task, branch, head, feature in self.branches(shared_maps, tasks):
            prefix = f"{branch}." if branch else ""
            for name, value in head.loss([feature], samples, size).items():
                weighted = value * self.loss_weights[task] if "loss" in name else value
                losses.setdefault(task, {})[prefix + name] = weighted
        return losses


def parse_loss_weights(
    loss_weight: float | Mapping[str, float], *, tasks: Sequence[str], default: float
) -> dict[str, float]:
    """A config's ``loss_weight``, one number or numbers by task, as a weight for every task.

    Args:
        loss_weight: The config's value.
        tasks: Tasks that have a weight.
        default: Weight of tasks that a mapping leaves out.

    Raises:
        ValueError: A task is not among ``tasks``.
    """
    if not isinstance(loss_weight, Mapping):
        return dict.fromkeys(tasks, float(loss_weight))
    unknown = set(loss_weight) - set(tasks) - {"_scope_"}
    if unknown:
        raise ValueError(
            f"auxiliary.loss_weight names {sorted(unknown)}; its tasks are {list(tasks)}."
        )
    return {task: float(loss_weight.get(task, default)) for task in tasks}


def _parse_tap(tap: str) -> tuple[str, int]:
    source, _, index = str(tap).partition(".")
    if source not in ("backbone", "neck") or not index.isdigit():
        raise ValueError(
            f"auxiliary.taps holds {tap!r}; a tap is 'backbone.i' or 'neck.i', the i-th "
            "output of the backbone or the neck."
        )
    return source, int(index)
