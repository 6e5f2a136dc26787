"""Multi-task networks."""

from .multi_task_encoder_decoder import MultiTaskEncoderDecoder
from .multi_task_tta import MultiTaskTTAModel

__all__ = ["MultiTaskEncoderDecoder", "MultiTaskTTAModel"]
