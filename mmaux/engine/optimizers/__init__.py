"""How the tasks' losses become one update."""

from .methods import Aggregation, Alternation, BaseMethod, GradNorm, Scalarization
from .multi_task_optim_wrapper import MultiTaskAmpOptimWrapper, MultiTaskOptimWrapper

__all__ = [
    "Aggregation",
    "Alternation",
    "BaseMethod",
    "GradNorm",
    "MultiTaskAmpOptimWrapper",
    "MultiTaskOptimWrapper",
    "Scalarization",
]
