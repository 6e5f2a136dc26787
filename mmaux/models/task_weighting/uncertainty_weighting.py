"""Weights learned as uncertainties (Kendall, Gal & Cipolla, CVPR 2018)."""

from collections.abc import Mapping

import torch
from mmengine.dist import is_distributed
from torch import Tensor, nn

from mmaux.models.heads import TaskKind
from mmaux.registry import MODELS

from .task_losses import is_loss, sum_by_task, task_of

_FACTORS: dict[TaskKind, float] = {"classification": 1.0, "regression": 0.5}


def uncertainty_weight(log_variance: Tensor, *, kind: TaskKind) -> Tensor:
    """Weight of a task's loss, from s = log sigma^2.

    A Gaussian likelihood weighs a regression by 1 / (2 sigma^2) = exp(-s) / 2 (equation 5), a
    scaled softmax a classification by 1 / sigma^2 = exp(-s) (equation 10).
    """
    return _FACTORS[kind] * torch.exp(-log_variance)


@MODELS.register_module()
class UncertaintyWeighting(nn.Module):
    r"""One learned variance a task: noisier tasks weigh less, at the price of log sigma.

    With L_t the sum of task t's losses, auxiliary ones included,

    .. math:: \sum_{t\ regression} \frac{L_t}{2 \sigma_t^2} + \log \sigma_t
        + \sum_{t\ classification} \frac{L_t}{\sigma_t^2} + \log \sigma_t .

    The parameter is s_t = log sigma_t^2, 0 at first, so that no division can fail, and
    log sigma_t = s_t / 2. For a fixed loss the optimum is s = log L in regression and log 2L in
    classification. The derivation is for squared errors and cross-entropy; like the paper, which
    trains depth with L1, it is applied to whatever loss a head has.

    A task whose losses are exactly 0 has no label in the batch: its s_t then takes no part in the
    objective, so that no optimizer moves it (under distributed training, where every parameter
    must take part, its gradient is 0). Exempt s_t from weight decay, which would pull sigma_t
    towards 1::

        paramwise_cfg=dict(custom_keys={'task_weighting': dict(decay_mult=0.0)})

    Args:
        kinds: What each task predicts, by task; given by the segmentor, which asks its heads.

    Raises:
        ValueError: A head does not say what it predicts.
    """

    def __init__(self, *, kinds: Mapping[str, TaskKind | None]) -> None:
        super().__init__()
        self.kinds: dict[str, TaskKind] = {}
        for task, kind in kinds.items():
            if kind is None or kind not in _FACTORS:
                raise ValueError(
                    f"heads.{task}: its kind is {kind!r}, but uncertainty weighting needs to know "
                    f"its likelihood; set the attribute `kind` of the head's class to one of "
                    f"{list(_FACTORS)}."
                )
            self.kinds[task] = kind
        self.log_variances = nn.ParameterDict({t: nn.Parameter(torch.zeros(())) for t in kinds})

    def forward(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weigh named losses.

        Args:
            losses: Named ``task.loss_x``; names without ``loss`` are only logged.

        Returns:
            The same names with weighted losses; for each task also ``task.loss_log_sigma``, part
            of its objective, and ``task.weight``, only logged: a loss divided by it is the
            unweighted one.
        """
        variances = {t: self._log_variance(t, loss) for t, loss in sum_by_task(losses).items()}
        weights = {t: uncertainty_weight(s, kind=self.kinds[t]) for t, s in variances.items()}
        weighted = {
            name: value * weights[task_of(name)] if is_loss(name) else value
            for name, value in losses.items()
        }
        for task, log_variance in variances.items():
            weighted[f"{task}.loss_log_sigma"] = 0.5 * log_variance
            weighted[f"{task}.weight"] = weights[task].detach()
        return weighted

    def _log_variance(self, task: str, loss: Tensor) -> Tensor:
        """s_t, cut off from the objective where the batch holds no label of the task."""
        log_variance = self.log_variances[task]
        if bool(loss.detach() != 0):
            return log_variance
        constant = log_variance.detach()
        return constant + 0.0 * log_variance if is_distributed() else constant
