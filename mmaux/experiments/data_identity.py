"""Telling one data set at a place from another that stood there before."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mmengine.config import Config


def data_identity(config: Config) -> dict[str, Any]:
    """What tells one data set from another: its conversion and its lists of samples.

    Without a list a split has every picture of its folder.

    Raises:
        FileNotFoundError: There is no data set at the config's ``data_root``.
    """
    root = Path(config.train_dataloader.dataset.data_root)
    contents = {split: _samples(config, split) for split in ("train", "test")}
    meta = root / "meta.json"
    conversion = json.loads(meta.read_text(encoding="utf-8")) if meta.is_file() else {}
    return {
        "conversion": conversion.get("conversion"),
        **{
            split: {
                "samples": len(content.split()),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for split, content in contents.items()
        },
    }


def _samples(config: Config, split: str) -> bytes:
    dataset = config[f"{split}_dataloader"].dataset
    root = Path(dataset.data_root)
    place = root / (dataset.ann_file or "image")
    if not place.exists():
        raise FileNotFoundError(
            f"no data set in '{root}': there is no {place.relative_to(root)}. Convert it first "
            "(docs/data.md), or give its folder with --data-root."
        )
    if place.is_file():
        return place.read_bytes()
    return "\n".join(sorted(picture.name for picture in place.iterdir())).encode()
