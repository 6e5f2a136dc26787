"""Predictions for images, folders and videos."""

from .image_source import Frame, ImageSource, UnreadableImage
from .inferencer import MultiTaskInferencer
from .live_view import LiveView
from .model import inference_model, init_model
from .prediction import Prediction
from .result_writer import SAVE_KINDS, ResultWriter

__all__ = [
    "SAVE_KINDS",
    "Frame",
    "ImageSource",
    "LiveView",
    "MultiTaskInferencer",
    "Prediction",
    "ResultWriter",
    "UnreadableImage",
    "inference_model",
    "init_model",
]
