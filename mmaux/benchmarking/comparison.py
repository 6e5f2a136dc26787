"""Several variants against one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .quartiles import Quartiles


@dataclass(frozen=True)
class Comparison:
    """One quantity, of which less is better, of several variants.

    Attributes:
        title: What was measured.
        unit: Unit of the values.
        reference: Name of the variant that the others are divided by.
        values: Measurements by variant.
        ratios: Measurement over that of the reference in the same round, by variant; without the
            reference.
        aim: What the median ratios should not exceed, if anything.
        theory: What a count of operations predicts for the ratio, by variant, where it does.
    """

    title: str
    unit: str
    reference: str
    values: dict[str, Quartiles]
    ratios: dict[str, Quartiles]
    aim: float | None = None
    theory: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rounds: Mapping[str, Sequence[float]],
        *,
        title: str,
        unit: str,
        reference: str,
        scale: float = 1.0,
        aim: float | None = None,
        theory: Mapping[str, str] | None = None,
    ) -> Comparison:
        """Compare what :func:`mmaux.benchmarking.measure_in_rounds` returned.

        Args:
            rounds: Measurements of each variant, in the order of the rounds.
            title: What was measured.
            unit: Unit of the measurements times ``scale``.
            reference: A variant.
            scale: From the measurements to the unit.
            aim: Largest median ratio that is wanted.
            theory: Predicted ratios by variant.

        Raises:
            ValueError: The reference is no variant or has a measurement of zero, or the variants
                have different numbers of rounds.
        """
        if reference not in rounds:
            raise ValueError(f"reference is {reference!r}, expected one of {list(rounds)}.")
        base = rounds[reference]
        if any(len(values) != len(base) for values in rounds.values()):
            counts = {name: len(values) for name, values in rounds.items()}
            raise ValueError(f"ratios are taken within a round, found {counts} rounds.")
        if not all(base):
            raise ValueError(f"{title}: {reference} measures zero; there is no ratio to it.")
        return cls(
            title=title,
            unit=unit,
            reference=reference,
            values={name: Quartiles.of(values).scaled(scale) for name, values in rounds.items()},
            ratios={
                name: Quartiles.of(a / b for a, b in zip(values, base, strict=True))
                for name, values in rounds.items()
                if name != reference
            },
            aim=aim,
            theory=dict(theory or {}),
        )

    def verdicts(self) -> dict[str, str]:
        """What each variant makes of the aim, if there is one.

        ``met``: the median ratio does not exceed the aim. ``not told apart``: it does, but the
        lower quartile does not. ``missed``: both do.
        """
        if self.aim is None:
            return {}
        return {name: _verdict(ratio, self.aim) for name, ratio in self.ratios.items()}

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def _verdict(ratio: Quartiles, aim: float) -> str:
    if ratio.median <= aim:
        return "met"
    return "not told apart" if ratio.lower <= aim else "missed"
