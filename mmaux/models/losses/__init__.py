"""Losses over the valid pixels of a map: functions, and registered classes around them."""

from mmaux.models.losses.all_processes import mean_of_all, valid_count
from mmaux.models.losses.angular_normal_loss import (
    AngularNormalLoss,
    angle_between,
    angular_normal_loss,
)
from mmaux.models.losses.berhu_loss import BerHuLoss, berhu, berhu_loss
from mmaux.models.losses.cosine_normal_loss import CosineNormalLoss, cosine_normal_loss
from mmaux.models.losses.l1_loss import MaskedL1Loss, l1_loss
from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.models.losses.silog_loss import SILogLoss, silog_loss

__all__ = [
    "AngularNormalLoss",
    "BerHuLoss",
    "CosineNormalLoss",
    "MaskedL1Loss",
    "MaskedLoss",
    "SILogLoss",
    "angle_between",
    "angular_normal_loss",
    "berhu",
    "berhu_loss",
    "cosine_normal_loss",
    "l1_loss",
    "masked_inputs",
    "masked_mean",
    "mean_of_all",
    "silog_loss",
    "valid_count",
]
