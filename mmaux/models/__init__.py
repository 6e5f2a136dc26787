"""Networks, tasks, losses and auxiliary modules."""

from .auxiliary import AuxiliaryArchitecture, AuxiliaryModule, Cell
from .data_preprocessor import MultiTaskDataPreProcessor
from .heads import BaseTaskHead, DepthHead, NormalHead, RegressionHead, SemSegHead
from .losses import *  # noqa: F403
from .segmentors import MultiTaskEncoderDecoder, MultiTaskTTAModel

__all__ = [
    "AuxiliaryArchitecture",
    "AuxiliaryModule",
    "BaseTaskHead",
    "Cell",
    "DepthHead",
    "MultiTaskDataPreProcessor",
    "MultiTaskEncoderDecoder",
    "MultiTaskTTAModel",
    "NormalHead",
    "RegressionHead",
    "SemSegHead",
]
