"""From a trained network to the one that is used: removing what only training needs."""

from .bit_equality import PredictionsDifferError, compare_predictions
from .complexity import Complexity, inference_complexity, training_complexity
from .network_size import NetworkSize, measure_network, paper_parameters
from .real_inputs import read_inputs
from .remove_auxiliary import RemovalReport, remove_auxiliary
from .strip_config import find_traces, strip_config

__all__ = [
    "Complexity",
    "NetworkSize",
    "PredictionsDifferError",
    "RemovalReport",
    "compare_predictions",
    "find_traces",
    "inference_complexity",
    "measure_network",
    "paper_parameters",
    "read_inputs",
    "remove_auxiliary",
    "strip_config",
    "training_complexity",
]
