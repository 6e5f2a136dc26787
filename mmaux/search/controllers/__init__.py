"""Search strategies."""

from .base_controller import BaseController
from .evolution_controller import EvolutionController
from .ppo_controller import PPOController
from .random_controller import RandomController

__all__ = ["BaseController", "EvolutionController", "PPOController", "RandomController"]
