"""Which operations a search proposes, and how that changes.

Section 4 of Liu et al. (1909.02214): "the number of 'skip connected' operator decreases along the
RL training".
"""

from collections import Counter
from collections.abc import Sequence

from mmaux.models.auxiliary.architecture import ADAPTORS, AuxiliaryArchitecture
from mmaux.search.candidate import Candidate

from .mean_difference import MeanDifference, mean_difference


def adaptor_shares(architecture: AuxiliaryArchitecture) -> dict[str, float]:
    """Share of each adaptor among the branches of live cells.

    Dead cells are left out: a reward says nothing about them.
    """
    counts = Counter(name for _, cell in architecture.live_cells() for name in cell.adaptors)
    return {name: counts[name] / counts.total() for name in ADAPTORS}


def share_change(candidates: Sequence[Candidate], adaptor: str) -> MeanDifference | None:
    """Mean share of an adaptor in the first and in the last third of the proposals.

    A proposal is one value: branches of the same one are not independent.

    Returns:
        None with fewer than three proposals.
    """
    third = len(candidates) // 3
    if not third:
        return None
    shares = [adaptor_shares(c.architecture)[adaptor] for c in candidates]
    return mean_difference(shares[:third], shares[-third:])
