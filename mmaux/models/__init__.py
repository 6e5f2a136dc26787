"""Networks, tasks, losses and auxiliary modules."""

from .auxiliary import AuxiliaryArchitecture, AuxiliaryModule, Cell
from .data_preprocessor import MultiTaskDataPreProcessor
from .heads import BaseTaskHead, DepthHead, NormalHead, RegressionHead, SemSegHead
from .losses import (
    AngularNormalLoss,
    BerHuLoss,
    CosineNormalLoss,
    MaskedL1Loss,
    MaskedLoss,
    SILogLoss,
)
from .necks import ASPPNeck, UShapeNeck
from .segmentors import MultiTaskEncoderDecoder, MultiTaskTTAModel

__all__ = [
    "ASPPNeck",
    "AngularNormalLoss",
    "AuxiliaryArchitecture",
    "AuxiliaryModule",
    "BaseTaskHead",
    "BerHuLoss",
    "Cell",
    "CosineNormalLoss",
    "DepthHead",
    "MaskedL1Loss",
    "MaskedLoss",
    "MultiTaskDataPreProcessor",
    "MultiTaskEncoderDecoder",
    "MultiTaskTTAModel",
    "NormalHead",
    "RegressionHead",
    "SILogLoss",
    "SemSegHead",
    "UShapeNeck",
]
