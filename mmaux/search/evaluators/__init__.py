"""What a candidate is worth."""

from .base_evaluator import BaseEvaluator, Evaluation
from .training_evaluator import TrainingEvaluator

__all__ = ["BaseEvaluator", "Evaluation", "TrainingEvaluator"]
