"""What a candidate is worth."""

from .base_evaluator import BaseEvaluator, Evaluation

__all__ = ["BaseEvaluator", "Evaluation"]
