"""Auxiliary modules: their architecture as data, and the network built from it."""

from .adaptors import Adaptor
from .architecture import (
    ADAPTORS,
    AGGREGATIONS,
    AuxiliaryArchitecture,
    Cell,
    parse_architecture,
)
from .auxiliary_module import AuxiliaryCell, AuxiliaryModule

__all__ = [
    "ADAPTORS",
    "AGGREGATIONS",
    "Adaptor",
    "AuxiliaryArchitecture",
    "AuxiliaryCell",
    "AuxiliaryModule",
    "Cell",
    "parse_architecture",
]
