"""A config without a trace of what only training has."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from mmaux.models import MultiTaskEncoderDecoder

_NAMES = MultiTaskEncoderDecoder.training_only
_PREFIXES = tuple(f"{name}." for name in _NAMES)
_TYPES = ("Auxiliary", "DeepSupervision", "UncertaintyWeighting")
_RUN_STATE = ("load_from", "resume", "work_dir", "launcher")


def strip_config(config: Config) -> Config:
    """Take everything that belongs to the auxiliary module or a task weighting out of a config.

    Left out are ``model.auxiliary`` and ``model.task_weighting`` (and those of ``tta_model``),
    entries of the optimizer's ``paramwise_cfg.custom_keys`` and hooks that name these modules,
    variables that only held their settings, and the run's own state (``load_from``, ``resume``,
    ``work_dir``, ``launcher``). mmseg's ``auxiliary_head`` is not meant and not touched.

    Args:
        config: Any config of a :class:`mmaux.models.MultiTaskEncoderDecoder`; not changed.

    Returns:
        A full config that inherits nothing.

    Raises:
        ValueError: The config has no model, or something else still names a removed module.
    """
    content = config.to_dict()
    if not isinstance(content.get("model"), dict):
        raise ValueError(
            f"{config.filename or 'config'}: no `model`; give the config of a network."
        )
    for key in _RUN_STATE:
        content.pop(key, None)
    for key in ("custom_hooks", "param_scheduler"):
        if isinstance(content.get(key), list):
            content[key] = [entry for entry in content[key] if not any(_traces(entry))]
    stripped = _without_module(content)
    left = find_traces(stripped)
    if left:
        raise ValueError(
            f"{config.filename or 'config'}: what only training has ({', '.join(_NAMES)}) is "
            f"still named at {', '.join(left)}; take these settings out of the config "
            "(--cfg-options can)."
        )
    return Config(stripped)


def find_traces(content: Any) -> list[str]:
    """Where a config names what only training has: dotted paths."""
    return list(_traces(content))


def _is_trace(key: Any, value: Any) -> bool:
    """Whether an entry is such a module's: by its name, its type, or a parameter's name."""
    if _names_module(key):
        return True
    if isinstance(value, dict):
        kind = str(value.get("type", "")).rpartition(".")[2]
        return any(name in kind for name in _TYPES)
    return _names_module(value)


def _names_module(text: Any) -> bool:
    return isinstance(text, str) and (text in _NAMES or text.startswith(_PREFIXES))


def _without_module(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_module(v) for k, v in value.items() if not _is_trace(k, v)}
    if isinstance(value, (list, tuple)):
        return type(value)(_without_module(entry) for entry in value)
    return value


def _traces(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        entries: Any = value.items()
    elif isinstance(value, (list, tuple)):
        entries = enumerate(value)
    else:
        return
    for key, entry in entries:
        here = f"{path}.{key}" if path else str(key)
        if _is_trace(key, entry):
            yield here
        else:
            yield from _traces(entry, here)
