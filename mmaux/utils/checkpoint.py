"""Loading checkpoints into a model with one short report, in place of a list of every key."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

from mmengine.logging import print_log
from torch import nn

from mmaux.compat import SOURCE_KEY
from mmaux.utils.checkpoint_report import (
    CheckpointReport,
    KeyReport,
    check_report,
    compare_state_dict,
)

__all__ = [
    "CheckpointReport",
    "KeyReport",
    "attach_load_report",
    "check_report",
    "compare_state_dict",
    "last_load_report",
    "rename_prefixes",
]

_ATTRIBUTE = "_mmaux_load_report"


def rename_prefixes(
    state_dict: MutableMapping[str, Any], rename: Mapping[str, str], *, prefix: str = ""
) -> dict[str, int]:
    """Rename keys in place by their prefixes, where the new names are not there yet.

    An entry ``'decode_head.': 'heads.semseg.decoder.'`` is left alone where the state dict has
    any key below ``heads.``: it is then a checkpoint of the new layout.

    Args:
        state_dict: Changed in place; the order of its keys is kept.
        rename: Old prefix to new prefix, both with their dot.
        prefix: What stands before all keys, such as ``'module.'``.

    Returns:
        dict[str, int]: How many keys each entry renamed.
    """
    active = {
        prefix + old: prefix + new
        for old, new in rename.items()
        if not any(key.startswith(f"{prefix}{new.partition('.')[0]}.") for key in state_dict)
    }
    counts = dict.fromkeys(rename, 0)
    items = list(state_dict.items())
    state_dict.clear()
    for key, value in items:
        old = next((old for old in active if key.startswith(old)), None)
        if old is not None:
            counts[old[len(prefix) :]] += 1
            key = active[old] + key[len(old) :]
        state_dict[key] = value
    return counts


class LoadReporter:
    """The two hooks that ``attach_load_report`` puts on a model, and what the last load gave.

    A class of its own, not closures, so that a model with it can be copied and pickled (EMA).
    """

    def __init__(self, rename: Mapping[str, str] | None = None) -> None:
        self.rename = dict(rename or {})
        self.report: CheckpointReport | None = None
        self._prefix = ""
        self._before: CheckpointReport | None = None
        self._errors: list[str] = []
        self._source: str | None = None

    def before_load(
        self,
        module: nn.Module,
        state_dict: MutableMapping[str, Any],
        prefix: str,
        local_metadata: Mapping[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Rename, and compare; a part of a larger model leaves that to the whole."""
        self._before = None
        if prefix not in ("", "module."):
            return
        for old, count in rename_prefixes(state_dict, self.rename, prefix=prefix).items():
            if count:
                print_log(f"{count} keys `{old}*` are loaded as `{self.rename[old]}*`", "current")
        own = {k[len(prefix) :]: v for k, v in state_dict.items() if k.startswith(prefix)}
        self._prefix, self._errors = prefix, error_msgs
        self._source = local_metadata.get(SOURCE_KEY) or _init_cfg_source(module)
        self._before = compare_state_dict(module, own)

    def after_load(self, module: nn.Module, incompatible_keys: Any) -> None:
        """Log the report, stop at an all-miss, and shorten mmengine's own list of keys."""
        if self._before is None:
            return
        missing, unexpected = map(set, incompatible_keys)
        self.report = CheckpointReport(
            tuple(
                settled
                for key in self._before.keys
                if (settled := self._settle(key, missing, unexpected)) is not None
            )
        )
        self._before = None
        source = f"'{self._source}'" if self._source else "a state dict"
        whole = self.report.complete and not self.report.unexpected
        print_log(
            f"{type(module).__name__} from {source}:\n{self.report.summary()}",
            logger="current",
            level=logging.INFO if whole else logging.WARNING,
        )
        check_report(self.report, source=self._source)
        # torch returns its lists to the caller, who may count on real keys; mmengine prints them.
        if type(incompatible_keys).__module__.startswith("mmengine"):
            self._shorten(self.report, incompatible_keys)

    def _settle(self, key: KeyReport, missing: set[str], unexpected: set[str]) -> KeyReport | None:
        """What became of a key: hooks of inner modules may have renamed or resized it."""
        name = self._prefix + key.key
        if key.checkpoint is None:
            return key if name in missing else KeyReport(key.key, key.model, key.model)
        if key.model is None:
            return key if name in unexpected else None
        if key.model != key.checkpoint:
            refused = any(f"size mismatch for {name}:" in message for message in self._errors)
            return key if refused else KeyReport(key.key, key.model, key.model)
        return key

    def _shorten(self, report: CheckpointReport, incompatible_keys: Any) -> None:
        lines: dict[str, list[str]] = {"missing": [], "unexpected": [], "mismatched": []}
        for module, group in report.groups().items():
            for kind, found in lines.items():
                count = len(getattr(group, kind))
                if count:
                    found.append(f"{module}.* ({count} keys)")
        incompatible_keys.missing_keys[:] = lines["missing"]
        incompatible_keys.unexpected_keys[:] = lines["unexpected"]
        self._errors[:] = [m for m in self._errors if "size mismatch for" not in m]
        if lines["mismatched"]:
            self._errors.append(f"size mismatch for {', '.join(lines['mismatched'])}")


def attach_load_report(model: nn.Module, *, rename: Mapping[str, str] | None = None) -> None:
    """Make every load into a model report by module and stop at an all-miss.

    Works for torch's ``load_state_dict``, for mmengine's (``Runner.load_checkpoint``, resume,
    ``init_cfg=dict(type='Pretrained', ...)`` of this very module) and below wrappers such as DDP.
    mmengine's own warning, which lists every key, is shortened to one entry for each module.
    ``strict=True`` raises as before. To guard a backbone's ``init_cfg`` too, attach one to the
    backbone as well; while the whole model is loaded it stays silent.

    Args:
        model: The module at whose root loading starts. Attaching again replaces ``rename``.
        rename: Prefixes of other layouts, see ``rename_prefixes``. The names must come with their
            dot: ``{'decode_head.': 'heads.semseg.decoder.'}``.

    Raises:
        ValueError: A prefix lacks its dot. Later, when loading: see ``check_report``.
    """
    for prefix in (*(rename or {}), *(rename or {}).values()):
        if not prefix.endswith("."):
            raise ValueError(f"rename: prefix {prefix!r} must end with a dot: '{prefix}.'")
    if hasattr(model, _ATTRIBUTE):
        getattr(model, _ATTRIBUTE).rename = dict(rename or {})
        return
    reporter = LoadReporter(rename)
    setattr(model, _ATTRIBUTE, reporter)
    model.register_load_state_dict_pre_hook(reporter.before_load)
    model.register_load_state_dict_post_hook(reporter.after_load)


def last_load_report(model: nn.Module) -> CheckpointReport | None:
    """What the last load into a model with ``attach_load_report`` gave; None before the first."""
    reporter: LoadReporter | None = getattr(model, _ATTRIBUTE, None)
    return reporter.report if reporter is not None else None


def _init_cfg_source(module: nn.Module) -> str | None:
    """The file of a ``Pretrained`` init_cfg; known while mmengine initialises weights only."""
    if not hasattr(module, "_params_init_info"):
        return None
    init_cfg = getattr(module, "init_cfg", None) or []
    for cfg in [init_cfg] if isinstance(init_cfg, dict) else init_cfg:
        if cfg.get("type") == "Pretrained":
            return str(cfg.get("checkpoint"))
    return None
