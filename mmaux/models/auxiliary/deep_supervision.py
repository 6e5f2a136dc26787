"""Deep supervision: a loss at the end of every down-sampling layer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.model import ModuleDict, ModuleList
from torch import Tensor

from mmaux.registry import MODELS

from .architecture import check_tasks
from .base_auxiliary import BaseAuxiliary, Branch, parse_loss_weights
from .small_head import build_small_head

_SCALE = 0.1


@MODELS.register_module()
class DeepSupervision(BaseAuxiliary):
    """A small head on each tap for each task, not connected with one another.

    The rival of the auxiliary module in section 4.2 of Liu et al. (1909.02214), DS_1 and DS_2:
    "additional losses at the end of each downsampling layer", summed "with scale of 0.1". The
    paper does not say what predicts there; here it is one 1x1 convolution.

    Args:
        taps: See :class:`BaseAuxiliary`.
        in_channels: Channels of the taps.
        heads: Configs of the main heads by task; given by the segmentor.
        tasks: Tasks that supervise; every task of the network by default.
        loss_weight: Scale of each loss, one for all or by task.
        decoder: The heads' decoder, see :func:`build_small_head`.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: A tap or task is unknown, or numbers do not match.
    """

    def __init__(
        self,
        *,
        taps: Sequence[str],
        in_channels: Sequence[int],
        heads: Mapping[str, dict[str, Any]],
        tasks: Sequence[str] | None = None,
        loss_weight: float | Mapping[str, float] = _SCALE,
        decoder: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(taps=taps, in_channels=in_channels, init_cfg=init_cfg)
        tasks = tuple(heads) if tasks is None else tuple(tasks)
        check_tasks(tasks, known=tuple(heads))
        self.loss_weights = parse_loss_weights(loss_weight, tasks=tasks, default=_SCALE)

        def on_every_tap(task: str) -> ModuleList:
            small = (
                build_small_head(heads[task], in_channels=count, decoder=decoder)
                for count in in_channels
            )
            return ModuleList(small)

        self.heads = ModuleDict({task: on_every_tap(task) for task in tasks})

    def branches(
        self, shared_maps: Mapping[str, Sequence[Tensor]], tasks: Sequence[str] | None = None
    ) -> Iterator[Branch]:
        """Each task's head on each tap, named like the tap."""
        features = self.read_taps(shared_maps)
        for task, heads in self.heads.items():
            if tasks is not None and task not in tasks:
                continue
            for (source, index), head, feature in zip(self.taps, heads, features, strict=True):
                yield Branch(task, f"{source}.{index}", head, feature)
