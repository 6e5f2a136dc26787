"""What a candidate is worth."""

from .base_evaluator import BaseEvaluator, Evaluation
from .synthetic_evaluator import SyntheticEvaluator
from .training_evaluator import TrainingEvaluator

__all__ = ["BaseEvaluator", "Evaluation", "SyntheticEvaluator", "TrainingEvaluator"]
