"""What a search is: the ``search`` of a config."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mmaux.registry import SEARCH_CONTROLLERS

from .controllers import BaseController
from .early_stopping import EarlyStopping
from .space import SearchSpace

CONTROLLERS = {
    "random": "mmaux.RandomController",
    "evolution": "mmaux.EvolutionController",
    "ppo": "mmaux.PPOController",
}
"""Short names of search strategies."""

_INHERITED = "_scope_"
"""What mmengine adds to the dictionaries of an inherited config."""


@dataclass(frozen=True)
class SearchSettings:
    """A search.

    Attributes:
        space: The search space.
        controller: Config of the strategy, less space and seed.
        evaluator: Config of what evaluates candidates, less the device.
        candidates: How many to evaluate; those answered from storage do not count.
        seed: Seed of the controller, and of every evaluation: comparisons are paired.
        early_stopping: When to stop bad candidates; None to evaluate all to their end.
        imports: Modules that register controllers and evaluators (``custom_imports``).
    """

    space: SearchSpace
    controller: dict[str, Any]
    evaluator: dict[str, Any]
    candidates: int
    seed: int = 0
    early_stopping: EarlyStopping | None = None
    imports: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.candidates < 1:
            raise ValueError(f"search.candidates is {self.candidates}; expected 1 or more.")
        for name in ("controller", "evaluator"):
            if not isinstance(getattr(self, name).get("type"), str):
                raise ValueError(
                    f"search.{name} is {getattr(self, name)}; expected a dictionary whose type is "
                    f"a registered name, such as 'mmaux.{name.title()}'."
                )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "SearchSettings":
        """Read a config.

        Raises:
            ValueError: ``search`` or one of its entries is missing, unknown or impossible.
        """
        if "search" not in config:
            raise ValueError(
                "the config has no `search`; expected search = dict(space=..., controller=..., "
                "evaluator=..., candidates=...). Is it a training config?"
            )
        search = _without_scope(config["search"])
        known = [entry.name for entry in fields(cls) if entry.name != "imports"]
        missing = [name for name in known[:4] if name not in search]
        unknown = [name for name in search if name not in known]
        if missing or unknown:
            raise ValueError(
                f"search lacks {missing} and has the unknown entries {unknown}; it takes {known}."
            )
        stopping = search.pop("early_stopping", None)
        return cls(
            space=_build("search.space", SearchSpace, search.pop("space")),
            early_stopping=stopping and _build("search.early_stopping", EarlyStopping, stopping),
            imports=custom_imports(config),
            **search,
        )

    @property
    def strategy(self) -> str:
        """Short name of the strategy: ``ppo``, or the type of a controller of one's own."""
        kind = self.controller["type"]
        return next((short for short, known in CONTROLLERS.items() if known == kind), kind)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that candidates and rewards depend on, in JSON form."""
        return {"controller": self.controller, "strategy": self.strategy, **self.task}

    @property
    def task(self) -> dict[str, Any]:
        """What searches must have in common for their rewards to be comparable."""
        stopping = self.early_stopping
        return {
            "space": {entry.name: getattr(self.space, entry.name) for entry in fields(self.space)},
            "evaluator": self.evaluator,
            "seed": self.seed,
            "early_stopping": None
            if stopping is None
            else {"quantile": stopping.quantile, "min_candidates": stopping.min_candidates},
        }

    def build_controller(self) -> BaseController:
        """The controller, at its beginning."""
        return SEARCH_CONTROLLERS.build({**self.controller, "space": self.space, "seed": self.seed})


def custom_imports(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Modules that a config's ``custom_imports`` names, for workers to import."""
    imports = (config.get("custom_imports") or {}).get("imports", ())
    return (imports,) if isinstance(imports, str) else tuple(imports)


def _build(name: str, kind: Any, options: Mapping[str, Any]) -> Any:
    try:
        return kind(**options)
    except TypeError as error:
        raise ValueError(
            f"{name} is {options}; expected {[entry.name for entry in fields(kind)]} ({error})."
        ) from error


def _without_scope(content: Any) -> Any:
    """Plain dictionaries, which another process can read without mmengine."""
    if isinstance(content, Mapping):
        return {k: _without_scope(v) for k, v in content.items() if k != _INHERITED}
    if isinstance(content, list | tuple):
        return type(content)(_without_scope(entry) for entry in content)
    return content
