"""What is added to the network in training: auxiliary modules, deep supervision."""

from .adaptors import Adaptor
from .architecture import (
    ADAPTORS,
    AGGREGATIONS,
    AuxiliaryArchitecture,
    Cell,
    parse_architecture,
)
from .auxiliary_module import AuxiliaryCell, AuxiliaryModule
from .base_auxiliary import BaseAuxiliary, Branch
from .deep_supervision import DeepSupervision

__all__ = [
    "ADAPTORS",
    "AGGREGATIONS",
    "Adaptor",
    "AuxiliaryArchitecture",
    "AuxiliaryCell",
    "AuxiliaryModule",
    "BaseAuxiliary",
    "Branch",
    "Cell",
    "DeepSupervision",
    "parse_architecture",
]
