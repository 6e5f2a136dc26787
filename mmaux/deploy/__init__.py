"""From a trained network to the one that is used: stripped, fused, exported."""

from .agreement import Agreement, ExportDisagreesError, verify_export
from .bit_equality import PredictionsDifferError, compare_predictions
from .complexity import Complexity, inference_complexity, training_complexity
from .deployed_network import DeployedNetwork
from .export import ExportReport, export_network
from .export_metadata import ExportedOutput, ExportMetadata
from .exported_network import ExportedNetwork, load_exported
from .formats import FORMATS, ExportError
from .fuse import fuse_network
from .image_preparation import ImagePreparation
from .image_resize import ImageResize
from .network_size import NetworkSize, measure_network, paper_parameters
from .real_inputs import read_inputs
from .remove_auxiliary import RemovalReport, remove_auxiliary
from .strip_config import find_traces, strip_config

__all__ = [
    "FORMATS",
    "Agreement",
    "Complexity",
    "DeployedNetwork",
    "ExportDisagreesError",
    "ExportError",
    "ExportMetadata",
    "ExportReport",
    "ExportedNetwork",
    "ExportedOutput",
    "ImagePreparation",
    "ImageResize",
    "NetworkSize",
    "PredictionsDifferError",
    "RemovalReport",
    "compare_predictions",
    "export_network",
    "find_traces",
    "fuse_network",
    "inference_complexity",
    "load_exported",
    "measure_network",
    "paper_parameters",
    "read_inputs",
    "remove_auxiliary",
    "strip_config",
    "training_complexity",
    "verify_export",
]
