"""Architecture search of auxiliary modules (section 3 of Liu et al., 1909.02214)."""

from .canonical_key import canonical_key
from .space import SEARCHED_ADAPTORS, Decision, SearchSpace

__all__ = ["SEARCHED_ADAPTORS", "Decision", "SearchSpace", "canonical_key"]
