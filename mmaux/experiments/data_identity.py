"""Telling one data set at a place from another that stood there before."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mmengine.config import Config


def data_identity(config: Config) -> dict[str, Any]:
    """What tells one data set from another: its conversion and its lists of samples.

    Raises:
        FileNotFoundError: There is no data set at the config's ``data_root``.
    """
    root = Path(config.train_dataloader.dataset.data_root)
    lists = {
        split: root / config[f"{split}_dataloader"].dataset.ann_file for split in ("train", "test")
    }
    for file in lists.values():
        if not file.is_file():
            raise FileNotFoundError(
                f"no data set in '{root}': there is no {file.relative_to(root)}. Convert it first "
                "(docs/data.md), or give its folder with --data-root."
            )
    contents = {split: file.read_bytes() for split, file in lists.items()}
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
