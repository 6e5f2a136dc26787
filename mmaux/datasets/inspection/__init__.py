"""Checking a data set before it is trained on: ranges, holes, classes, normals, pipelines."""

from .config_inspection import inspect_config
from .inspectors import inspector_of, register_inspector
from .problem import Problem
from .split_inspection import SplitReport, inspect_split
from .target_inspector import TargetInspector

__all__ = [
    "Problem",
    "SplitReport",
    "TargetInspector",
    "inspect_config",
    "inspect_split",
    "inspector_of",
    "register_inspector",
]
