"""Networks, tasks, losses and auxiliary modules."""

from .auxiliary import (
    AuxiliaryArchitecture,
    AuxiliaryModule,
    BaseAuxiliary,
    Cell,
    DeepSupervision,
)
from .data_preprocessor import MultiTaskDataPreProcessor
from .heads import (
    BaseTaskHead,
    ClassificationHead,
    DepthHead,
    NormalHead,
    RegressionHead,
    SceneHead,
    SemSegHead,
)
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
from .task_weighting import UncertaintyWeighting

__all__ = [
    "ASPPNeck",
    "AngularNormalLoss",
    "AuxiliaryArchitecture",
    "AuxiliaryModule",
    "BaseAuxiliary",
    "BaseTaskHead",
    "BerHuLoss",
    "Cell",
    "ClassificationHead",
    "CosineNormalLoss",
    "DeepSupervision",
    "DepthHead",
    "MaskedL1Loss",
    "MaskedLoss",
    "MultiTaskDataPreProcessor",
    "MultiTaskEncoderDecoder",
    "MultiTaskTTAModel",
    "NormalHead",
    "RegressionHead",
    "SILogLoss",
    "SceneHead",
    "SemSegHead",
    "UShapeNeck",
    "UncertaintyWeighting",
]
