"""A config without a trace of the auxiliary module."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

_NAME = "auxiliary"
_RUN_STATE = ("load_from", "resume", "work_dir", "launcher")


def strip_config(config: Config) -> Config:
    """Take everything that belongs to the auxiliary module out of a config.

    Left out are ``model.auxiliary`` (and that of ``tta_model``), entries of the optimizer's
    ``paramwise_cfg.custom_keys`` and hooks that name the module, variables that only held its
    settings, and the run's own state (``load_from``, ``resume``, ``work_dir``, ``launcher``).
    mmseg's ``auxiliary_head`` is not meant and not touched.

    Args:
        config: Any config of a :class:`mmaux.models.MultiTaskEncoderDecoder`; not changed.

    Returns:
        A full config that inherits nothing.

    Raises:
        ValueError: The config has no model, or something else still names the module.
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
            f"{config.filename or 'config'}: the auxiliary module is still named at "
            f"{', '.join(left)}; take these settings out of the config (--cfg-options can)."
        )
    return Config(stripped)


def find_traces(content: Any) -> list[str]:
    """Where a config names the auxiliary module: dotted paths."""
    return list(_traces(content))


def _is_trace(key: Any, value: Any) -> bool:
    """Whether an entry is the module's: by its name, by its type, or by a parameter's name."""
    if isinstance(key, str) and (key == _NAME or key.startswith(f"{_NAME}.")):
        return True
    if isinstance(value, dict):
        return "Auxiliary" in str(value.get("type", "")).rpartition(".")[2]
    return isinstance(value, str) and (value == _NAME or value.startswith(f"{_NAME}."))


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
