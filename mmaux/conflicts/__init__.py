"""How much the tasks' gradients conflict in shared layers, and what that suggests."""

from .advice import Advice, advise
from .layer_conflict import LayerConflict, PairAgreement
from .measurement import measure_conflicts
from .shared_layers import shared_layers

__all__ = [
    "Advice",
    "LayerConflict",
    "PairAgreement",
    "advise",
    "measure_conflicts",
    "shared_layers",
]
