"""How much tasks conflict in shared layers of a trained network."""

from .advice import advise
from .layer_conflicts import LayerConflicts, PairConflict, summarize_layer
from .measurement import measure_conflicts, shared_layers

__all__ = [
    "LayerConflicts",
    "PairConflict",
    "advise",
    "measure_conflicts",
    "shared_layers",
    "summarize_layer",
]
