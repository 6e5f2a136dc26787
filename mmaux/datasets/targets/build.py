"""From a data set's ``targets`` argument to target objects."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from mmaux.registry import TASK_UTILS

from .base_target import Target

TargetsSpec = Sequence[str] | Mapping[str, dict[str, Any] | None]


def known_targets() -> dict[str, type[Target]]:
    """Registered kinds of targets by task name."""
    TASK_UTILS.import_from_location()
    return {
        cls.task: cls
        for cls in TASK_UTILS.module_dict.values()
        if isinstance(cls, type) and issubclass(cls, Target)
    }


def build_targets(spec: TargetsSpec) -> dict[str, Target]:
    """Build the targets of a data set.

    Args:
        spec: Names of known tasks, ``('semseg', 'depth')``, or a config for each,
            ``dict(depth=dict(type='mmaux.DepthTarget', folder='depth_raw'))``. None leaves an
            inherited one out.

    Returns:
        Target objects by task name.

    Raises:
        ValueError: A name is unknown, given twice or not that of its target.
    """
    if isinstance(spec, str) or not spec:
        raise ValueError(
            f"targets names one or more tasks, e.g. ('semseg', 'depth'), found {spec!r}."
        )
    configs = spec if isinstance(spec, Mapping) else {name: {} for name in spec}
    if len(configs) != len(spec):
        raise ValueError(f"targets names a task twice: {list(spec)}.")
    known = known_targets()
    targets: dict[str, Target] = {}
    for task, config in configs.items():
        if task == "_scope_" or config is None:
            continue
        if "type" in config:
            target = TASK_UTILS.build(config)
        elif task in known:
            target = known[task](**config)
        else:
            guess = get_close_matches(task, known, n=1)
            hint = f" Did you mean {guess[0]!r}?" if guess else ""
            raise ValueError(
                f"targets names the unknown task {task!r}; known are {sorted(known)}.{hint} "
                "Another kind of target needs its type: "
                f"targets=dict({task}=dict(type='your_package.YourTarget'))."
            )
        if target.task != task:
            raise ValueError(
                f"targets gives {type(target).__name__} under {task!r}, but its task is "
                f"{target.task!r}."
            )
        targets[task] = target
    return targets
