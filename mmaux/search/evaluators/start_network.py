"""Trained weights that candidates start from."""

import fcntl
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmaux.utils.files import atomic_write, ensure_writable_dir
from mmaux.utils.main_network import read_checkpoint, weights_of

Weights = dict[str, Tensor]


def load_weights(checkpoint: str | Path) -> Weights:
    """The state dict of a checkpoint, on the CPU.

    Raises:
        ValueError: It cannot be read or holds no weights.
    """
    source = str(checkpoint)
    try:
        return weights_of(read_checkpoint(source), source)
    except ValueError as error:
        raise ValueError(f"start: {error}") from error


def kept_weights(
    folder: str | Path, kind: str, *, made_of: Any, make: Callable[[], Weights]
) -> Weights:
    """Weights that the first process to need them makes, and all others read.

    A file of the folder holds them, named by what they were made of; another process that comes
    while they are being made waits. After a kill the next one makes them again.

    Args:
        folder: Created if it is not there.
        kind: Begins the file's name.
        made_of: All that the weights depend on, as JSON values.
        make: Makes them.
    """
    text = json.dumps(made_of, sort_keys=True, default=str)
    name = f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    folder = ensure_writable_dir(folder)
    file = folder / f"{name}.pth"
    # The system frees the lock of a process that is killed.
    with open(folder / f".{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.is_file():
            with atomic_write(file) as target:
                torch.save({"state_dict": make(), "meta": {"made_of": text}}, target)
    return load_weights(file)
