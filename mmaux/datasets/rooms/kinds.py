"""Kinds of rooms, the scenes of the rendered data set."""

import numpy as np

KINDS = ("living room", "bedroom", "study", "dining room")
"""In the order of the classes. A dining room may have a kitchen."""
_FREQUENCIES = (0.38, 0.28, 0.16, 0.18)


def draw_kind(rng: np.random.Generator) -> str:
    """One of :data:`KINDS`."""
    return str(rng.choice(KINDS, p=_FREQUENCIES))
