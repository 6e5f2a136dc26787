"""What depth and normals share."""

from torch import Tensor

from .base_task_head import BaseTaskHead


class RegressionHead(BaseTaskHead):
    """A head whose losses take a field, a target and a mask of valid pixels."""

    kind = "regression"

    def valid_mask(self, target: Tensor) -> Tensor:
        """Valid pixels of targets (N, C, H, W) as a bool mask (N, 1, H, W).

        Invalid are the target's fill value in all channels, and anything that is not finite.
        """
        valid = (target != self.target.fill_value).any(dim=1, keepdim=True)
        return valid & target.isfinite().all(dim=1, keepdim=True)

    def loss_by_map(self, raw: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Losses over the batch's valid pixels."""
        mask = self.valid_mask(target)
        field = self.activate(raw)
        result: dict[str, Tensor] = {}
        for loss in self.losses:
            name = str(loss.loss_name)
            result[name] = result.get(name, 0) + loss(field, target, mask)
        return result
