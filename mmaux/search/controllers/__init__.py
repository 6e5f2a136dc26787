"""Search strategies."""

from .base_controller import BaseController
from .random_controller import RandomController

__all__ = ["BaseController", "RandomController"]
