"""What ``tools/benchmarks/optimization.py`` measures: every method of multi-task optimisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mmengine.config import Config

from .torchjd_step import SequentialTorchjdStep, TorchjdStep
from .training_step import TrainingStep

REFERENCE = "sum"
BY_HAND = ("torchjd/vmap", "torchjd/sequential")
SAME_BY_US = "parameters/UPGrad"

_SCALARIZERS: dict[str, Any] = {
    **{n: n for n in ("Random", "GeometricMean", "DWA", "UW", "IMTLL")},
    "STCH": {"type": "STCH", "mu": 1.0},
}
_AGGREGATORS: dict[str, Any] = {
    **{n: n for n in ("MGDA", "PCGrad", "GradVac", "IMTLG", "AlignedMTL", "UPGrad", "DualProj")},
    "CAGrad": {"type": "CAGrad", "c": 0.4},
    "FairGrad": {"type": "FairGrad", "alpha": 1.0},
    **{n: n for n in ("NashMTL", "ExcessMTL", "GradDrop", "ConFIG")},
}
_STATES = ("shared", "per_task", "pooled")
_CYCLE = 4


@dataclass(frozen=True)
class Variant:
    """A method to measure.

    Attributes:
        name: Family and method, as ``parameters/PCGrad``.
        method: Config of ``optim_wrapper.method``.
        theory: Relative cost of a step with a backward pass of twice a forward pass and a cost that
            lies in the encoder.
        aim: Wanted ratio of the time of a step to that of the summed loss, if there is one.
        calls: Steps that a measurement must be a multiple of.
        kind: How a step is taken.
    """

    name: str
    method: dict[str, Any]
    theory: str
    aim: float | None = None
    calls: int = 1
    kind: type[TrainingStep] = TrainingStep

    @property
    def family(self) -> str:
        """What stands before the slash."""
        return self.name.partition("/")[0]

    def config(self, base: Config) -> Config:
        """A training config with this method; ``base`` is not changed."""
        content = base.to_dict()
        content["optim_wrapper"] = {
            **content["optim_wrapper"],
            "type": "mmaux.MultiTaskOptimWrapper",
            "method": self.method,
        }
        return Config(content, filename=base.filename)


def optimization_variants(tasks: int, *, last_shared_layer: str) -> dict[str, Variant]:
    """All methods by name, the summed loss first.

    Args:
        tasks: T.
        last_shared_layer: The module that GradNorm looks at.
    """
    gradnorm = {"type": "mmaux.GradNorm", "layers": [last_shared_layer]}
    upgrad = _aggregation("UPGrad")
    exact = (1 + 2 * tasks) / 3
    all_rows: dict[str, Any] = {"theory": f"{exact:.2f}", "aim": 2.3 if tasks == 3 else None}
    every = f"{(exact + _CYCLE - 1) / _CYCLE:.2f}"
    at_features: dict[str, Any] = {"theory": "1 + heads, about 1.1", "aim": 1.35}
    found = [
        Variant(REFERENCE, _scalarization("Sum"), "1"),
        *(Variant(f"scalarization/{n}", _scalarization(s), "1") for n, s in _SCALARIZERS.items()),
        Variant("scalarization/FAMO", _scalarization("FAMO"), "1.33"),
        Variant("scalarization/GradNorm", gradnorm, "1 + heads, about 1.1"),
        *(Variant(f"parameters/{n}", _aggregation(s), **all_rows) for n, s in _AGGREGATORS.items()),
        Variant(
            f"parameters/UPGrad every {_CYCLE}",
            {**upgrad, "every": _CYCLE},
            every,
            calls=_CYCLE,
        ),
        *(
            Variant(f"features/{n}", {**_aggregation(s), "level": "features"}, **at_features)
            for n, s in _AGGREGATORS.items()
        ),
        *_alternations(tasks),
        Variant(BY_HAND[0], upgrad, f"{exact:.2f}", kind=TorchjdStep),
        Variant(BY_HAND[1], upgrad, f"{exact:.2f}", kind=SequentialTorchjdStep),
    ]
    return {variant.name: variant for variant in found}


def choose_variants(variants: dict[str, Variant], patterns: Sequence[str]) -> dict[str, Variant]:
    """Those that a pattern matches, in their order, and always the reference.

    Args:
        variants: By name.
        patterns: Names, with ``*`` and ``?`` as in a shell.

    Raises:
        ValueError: A pattern matches nothing.
    """
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in variants):
            raise ValueError(
                f"--methods: nothing is named {pattern!r}; there are {list(variants)}."
            )
    return {
        name: variant
        for name, variant in variants.items()
        if name == REFERENCE or any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _scalarization(scalarizer: Any) -> dict[str, Any]:
    return {"type": "mmaux.Scalarization", "scalarizer": scalarizer}


def _aggregation(aggregator: Any) -> dict[str, Any]:
    return {"type": "mmaux.Aggregation", "aggregator": aggregator}


def _alternations(tasks: int) -> list[Variant]:
    return [
        Variant(
            f"alternation of {groups}/{state}",
            {"type": "mmaux.Alternation", "groups": groups, "state": state},
            str(groups),
            aim=1.05 * groups,
        )
        for groups in range(2, tasks + 1)
        for state in _STATES
    ]
