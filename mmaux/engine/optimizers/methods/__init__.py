"""Methods that turn the losses of T tasks into an update."""

from .aggregation import Aggregation
from .alternation import Alternation
from .base_method import BaseMethod
from .gradnorm import GradNorm
from .scalarization import Scalarization

__all__ = ["Aggregation", "Alternation", "BaseMethod", "GradNorm", "Scalarization"]
