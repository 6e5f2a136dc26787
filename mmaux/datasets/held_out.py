"""Holding a part of the training split out, so that nobody selects on the test split."""

import hashlib
from collections.abc import Iterable

SUBSETS = ("train", "val")


def hold_out(keys: Iterable[str], *, fraction: float, seed: int) -> set[str]:
    """Choose keys to validate on.

    Each key gets a number from a hash of itself and the seed, and the ``round(fraction * n)``
    lowest are chosen, at least one. So the choice depends on the keys and the seed alone: not on
    their order, the machine, or a random state.

    Args:
        keys: What names a sample on every machine; equal keys stay together.
        fraction: Between 0 and 1.
        seed: Another seed, another choice.

    Returns:
        The held-out keys; the others are trained on.

    Raises:
        ValueError: If the fraction is out of range, or none would be left to train on.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"val_fraction: expected more than 0 and less than 1, found {fraction}.")
    ranked = sorted(set(keys), key=lambda key: _rank(key, seed))
    count = max(1, round(fraction * len(ranked)))
    if count >= len(ranked):
        raise ValueError(
            f"val_fraction={fraction} of {len(ranked)} samples leaves none to train on; "
            "choose a smaller fraction."
        )
    return set(ranked[:count])


def check_subset(*, fraction: float | None, subset: str | None) -> None:
    """Refuse one of the two arguments without the other, and unknown subsets.

    Raises:
        ValueError: With what is missing or unknown.
    """
    if (fraction is None) != (subset is None):
        raise ValueError(
            f"val_fraction={fraction} and subset={subset!r}: give both, such as val_fraction=0.1 "
            "with subset='train' in the training data and subset='val' in the validation data, "
            "or neither."
        )
    if subset is not None and subset not in SUBSETS:
        raise ValueError(f"subset is one of {SUBSETS}, found {subset!r}.")


def _rank(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{key}".encode()).digest()
