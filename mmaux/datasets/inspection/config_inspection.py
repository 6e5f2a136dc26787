"""The whole data check of a config."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.registry import init_default_scope

from .leaks import find_leaks
from .listing import SPLITS, list_splits
from .problem import Problem
from .split_inspection import SplitReport, inspect_split


def inspect_config(
    cfg: Mapping[str, Any],
    *,
    config_name: str,
    split: str = "all",
    max_samples: int | None = None,
    num_panels: int = 0,
    panel_dir: Path | None = None,
) -> tuple[Iterator[SplitReport], list[Problem]]:
    """Check the data of a config, split by split.

    Args:
        cfg: The config; ``train_dataloader``, ``val_dataloader`` and ``test_dataloader`` are read.
        config_name: Its file, named in problems of pipelines.
        split: ``train``, ``val``, ``test`` or ``all``.
        max_samples: Look at that many of each split, spread evenly.
        num_panels: Samples of each split to draw.
        panel_dir: Folder of the panels.

    Returns:
        A report of each split, made when it is asked for, and the images that the training split
        shares with another.

    Raises:
        ValueError: The config has no such data set, or it cannot be built.
        TypeError: A data set is of another kind.
    """
    if split not in (*SPLITS, "all"):
        raise ValueError(f"split is one of {(*SPLITS, 'all')}, found {split!r}.")
    init_default_scope(cfg.get("default_scope") or "mmaux")
    listings = list_splits(cfg)
    chosen = [item for item in listings if split == "all" or split in item.name.split(" and ")]
    if not chosen:
        found = [item.name for item in listings]
        raise ValueError(f"the config has no {split}_dataloader; it has those of {found}.")
    options: dict[str, Any] = {
        "config_name": config_name,
        "max_samples": max_samples,
        "num_panels": num_panels,
        "panel_dir": panel_dir,
    }
    return (inspect_split(listing, **options) for listing in chosen), find_leaks(listings)


def unique(problems: list[Problem]) -> list[Problem]:
    """The problems in order, each once: a file may be in several splits."""
    return list(dict.fromkeys(problems))
