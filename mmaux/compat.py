"""Everything that makes released OpenMMLab packages run on today's PyTorch, one shim a function.

``install()`` runs when mmaux is imported. It changes mmengine only: how checkpoint files are read,
that configs of mmaux can be inherited by name, and that a config's text is not formatted again and
again.
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import re
from collections import OrderedDict
from typing import Any, NoReturn
from urllib.parse import urlparse

import numpy as np
import torch
from mmengine.config import config as config_module
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.hub import hub as hub_module
from mmengine.logging import print_log
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import checkpoint as checkpoint_module
from mmengine.runner.checkpoint import CheckpointLoader
from yapf.yapflib import yapf_api

from mmaux.version import find_installed

SOURCE_KEY = "source"
"""Where the file's name stands in the root metadata of a loaded state dict."""

_KEPT_TEXTS = 4
_DTYPE_CODE = re.compile(r"\?|[biufc]\d{1,2}")
_REFUSED = re.compile(
    r"GLOBAL (.+?) (?:was not an allowed|whose module)|a (numpy .+)|function (<.+)|got (<.+)"
)
_METHODS = {
    HistoryBuffer: ("min", "max", "mean", "current"),
    OneCycleParamScheduler: ("_annealing_cos", "_annealing_linear"),
}


def install() -> None:
    """Apply every shim; again and again does no harm."""
    allow_runner_checkpoints()
    read_weights_only()
    know_own_configs()
    find_configs_of_forks()
    format_each_config_once()


# --- what a Runner's own checkpoint holds beside tensors -------------------------------------


class NumericDtype:
    """Stands for ``numpy.dtype`` while a checkpoint is read: booleans and numbers, nothing else.

    The real type must not be in reach of a pickle: with an object dtype or foreign flags
    ``numpy.ndarray`` takes bytes of the file for pointers.
    """

    def __init__(self, code: str, align: bool = False, copy: bool = False) -> None:
        if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
            raise pickle.UnpicklingError(f"a numpy dtype {code!r}, not a plain number")
        self.value = np.dtype(code)

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        if order not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError(f"a numpy byte order {order!r}")
        self.value = self.value.newbyteorder(order)


class NumericArray(np.ndarray):
    """Stands for ``numpy.ndarray`` while a checkpoint is read; pickled again as a plain array."""

    def __new__(cls, *_: Any) -> NumericArray:
        """Make an empty array, whatever shape, type and buffer the pickle asks for."""
        return super().__new__(cls, (0,))

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        if not isinstance(dtype, NumericDtype) or not isinstance(data, bytes):
            raise pickle.UnpicklingError("a numpy array that does not hold plain numbers")
        super().__setstate__((1, shape, dtype.value, fortran, data))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return np.array(self, subok=False).__reduce_ex__(protocol)


def reconstruct_array(*_: Any) -> NumericArray:
    """Stands for numpy's ``_reconstruct``: an empty array, filled by its ``__setstate__``."""
    return NumericArray()


def numeric_scalar(dtype: Any, data: Any) -> Any:
    """Stands for numpy's ``scalar``: one number out of its bytes."""
    if not isinstance(dtype, NumericDtype) or not isinstance(data, bytes):
        raise pickle.UnpicklingError("a numpy scalar that is not a plain number")
    return np.frombuffer(data, dtype.value, count=1)[0]


def restricted_getattr(owner: Any, name: Any) -> Any:
    """Stands for ``getattr`` in a pickle: mmengine's own methods named below, nothing else.

    ``HistoryBuffer`` pickles its statistics as ``getattr(HistoryBuffer, 'mean')`` and a one-cycle
    schedule its annealing function. The real ``getattr`` would give a pickle the globals of any
    function, and with them everything.
    """
    if not any(owner is cls and name in names for cls, names in _METHODS.items()):
        raise pickle.UnpicklingError(f"GLOBAL getattr({owner!r}, {name!r}) was not an allowed one")
    return getattr(owner, name)


def allow_runner_checkpoints() -> None:
    """Let ``weights_only`` read what mmengine's Runner saves beside tensors, and no more.

    Versions: mmengine to 0.10.7 on torch >= 2.6. Symptom: ``--resume`` and ``load_from`` refuse the
    Runner's own checkpoint ("Unsupported global: HistoryBuffer ..."). The names are those found in
    checkpoints of mmengine 0.10.7 with numpy 1 and 2; each numpy name leads to a stand-in above
    that accepts plain numbers only.
    """
    allowed: list[Any] = [
        HistoryBuffer,
        OneCycleParamScheduler,
        bytes,  # of an array without elements
        (restricted_getattr, "builtins.getattr"),
        (NumericDtype, "numpy.dtype"),
        (NumericArray, "numpy.ndarray"),
    ]
    for core in ("numpy.core", "numpy._core"):
        allowed.append((reconstruct_array, f"{core}.multiarray._reconstruct"))
        allowed.append((numeric_scalar, f"{core}.multiarray.scalar"))
    torch.serialization.add_safe_globals(allowed)


# --- reading checkpoint files ----------------------------------------------------------------


def read_weights_only() -> None:
    """Read every checkpoint with an explicit ``weights_only=True``.

    Versions and symptoms: mmengine to 0.10.7 leaves the argument out, so that the environment
    variable TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD turns the safety off, and downloads through
    ``torch.hub``, whose default is ``weights_only=False``: ``load_from='https://...'`` runs what is
    in the file. onedl-mmengine reads again with ``weights_only=False`` when the first try fails.
    """
    CheckpointLoader.register_scheme(prefixes="", loader=load_from_local, force=True)
    checkpoint_module.load_url = load_url
    if hasattr(checkpoint_module, "_safe_torch_load"):
        checkpoint_module._safe_torch_load = _safe_torch_load


def load_from_local(filename: str | os.PathLike[str], map_location: Any = None) -> Any:
    """Read a checkpoint file; its tensors, numbers and texts, never its code.

    Args:
        filename: The file; ``~`` is the home directory.
        map_location: As of ``torch.load``.

    Returns:
        The checkpoint. ``state_dict._metadata['']['source']`` names the file, for error messages.
        A text at ``meta['config']`` is moved to ``meta['cfg']``: ``Runner.resume`` would run it
        as Python; mmengine itself writes ``cfg``, which is never run.

    Raises:
        FileNotFoundError: There is no such file.
        pickle.UnpicklingError: It holds an object that is not allowed; nothing of it has run.
        RuntimeError: It is damaged, cut short or not a checkpoint.
    """
    path = os.path.expanduser(os.fspath(filename))
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"checkpoint '{path}' cannot be found; check the path (working directory {os.getcwd()})"
        )
    checkpoint = _load(path, path, map_location)
    if isinstance(checkpoint, dict):
        _disarm_config(checkpoint, path)
        state_dict = checkpoint.get("state_dict", checkpoint)
        if isinstance(state_dict, OrderedDict):
            metadata = OrderedDict(getattr(state_dict, "_metadata", {}))
            metadata[""] = {**metadata.get("", {}), SOURCE_KEY: path}
            state_dict._metadata = metadata  # type: ignore[attr-defined]
    return checkpoint


def load_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
) -> Any:
    """Download to torch's cache, once, and read as ``load_from_local``; mmengine's arguments."""
    folder = model_dir or os.path.join(torch.hub.get_dir(), "checkpoints")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, file_name or os.path.basename(urlparse(url).path))
    if not os.path.exists(path):
        print_log(f"Downloads {url} to {path}", logger="current")
        digest = re.search(r"-([a-f0-9]+)\.", os.path.basename(path)) if check_hash else None
        try:
            torch.hub.download_url_to_file(url, path, digest and digest.group(1), progress=progress)
        except OSError as error:
            raise OSError(
                f"{url} could not be downloaded ({error}). Fetch the file by other means and name "
                "it in place of the address, for a backbone with --cfg-options "
                "model.backbone.init_cfg.checkpoint=FILE."
            ) from error
    return load_from_local(path, map_location)


def _safe_torch_load(file: Any, map_location: Any = None, weights_only: Any = None) -> Any:
    """Stands for onedl-mmengine's function; ``weights_only`` is not for the caller to choose."""
    if isinstance(file, (str, os.PathLike)):
        return load_from_local(file, map_location)
    return _load(file, "the downloaded checkpoint", map_location)


def _load(file: Any, name: str, map_location: Any) -> Any:
    try:
        return torch.load(file, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        _refuse(file, name, str(error))
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # a damaged file fails anywhere in torch's reader
        if "CUDA" in str(error):
            raise
        lines = str(error).splitlines() or [""]
        _damaged(name, f"{type(error).__name__}: {lines[0]}")


def _refuse(file: Any, name: str, message: str) -> NoReturn:
    names = ["".join(groups) for groups in _REFUSED.findall(message)]
    if not names:
        _damaged(name, message.splitlines()[-1] if message else "unreadable pickle")
    raise pickle.UnpicklingError(
        f"checkpoint '{name}' is refused: it holds {', '.join(dict.fromkeys(names))}, which is not "
        "a tensor, a number, a text or one of the Runner's own objects. Nothing of it was run. "
        "A checkpoint needs no such object: have the one who made it save the weights only, "
        "torch.save({'state_dict': model.state_dict()}, FILE), or do that where the file is "
        "trusted, away from this machine's data."
    ) from None


def _damaged(name: str, detail: str) -> NoReturn:
    size = f"{os.path.getsize(name):,} bytes; " if os.path.isfile(name) else ""
    raise RuntimeError(
        f"checkpoint '{name}' cannot be read ({size}{detail}). It is cut short, damaged or not a "
        "PyTorch checkpoint: copy or download it again, or resume from an older one."
    ) from None


def _disarm_config(checkpoint: dict, path: str) -> None:
    meta = checkpoint.get("meta")
    if isinstance(meta, dict) and "config" in meta:
        text = meta.pop("config")
        meta.setdefault("cfg", text)
        print_log(f"'{path}': its meta['config'] is kept as meta['cfg'] and not run", "current")


# --- configs by name -------------------------------------------------------------------------


def know_own_configs() -> None:
    """Make ``mmaux::`` known to ``_base_``, ``mmengine.hub.get_config`` and ``mim``.

    Versions: every mmengine. Symptoms: ``_base_ = 'mmaux::...'`` stops with "mmengine does not
    support to load mmaux config" (only the packages in MODULE2PACKAGE are known); a name without a
    folder (``mmaux::joint_mbv2_nyud.py``) is refused by a regular expression; for an editable
    install ``get_installed_path`` returns a folder that does not exist.
    """
    MODULE2PACKAGE.setdefault("mmaux", "mmaux")
    for module in (config_module, hub_module):
        _replace(module, "_get_package_and_cfg_path", _with_flat_names)
        _replace(module, "get_installed_path", _with_own_path)


def package_dir() -> str:
    """Folder of the imported mmaux; its configs are in ``.mim/configs``."""
    return os.path.dirname(os.path.abspath(__file__))


def _replace(module: Any, name: str, shim: Any) -> None:
    original = getattr(module, name)
    if not hasattr(original, "mmaux_original"):
        replacement = functools.wraps(original)(shim(original))
        replacement.__dict__["mmaux_original"] = original
        setattr(module, name, replacement)


def _with_flat_names(original: Any) -> Any:
    def split(cfg_path: str) -> tuple[str, str]:
        scope, _, name = cfg_path.partition("::")
        if scope == "mmaux" and re.fullmatch(r"[\w.-]+", name):
            return MODULE2PACKAGE["mmaux"], name
        return original(cfg_path)

    return split


def _with_own_path(original: Any) -> Any:
    def installed_path(package: str) -> str:
        return package_dir() if package == MODULE2PACKAGE["mmaux"] else original(package)

    return installed_path


def find_configs_of_forks() -> None:
    """Make ``mmseg::`` find the configs of OneDL's fork of mmsegmentation.

    Versions: onedl-mmengine 0.10.12. Symptom: ``_base_ = 'mmseg::...'`` stops with "mmsegmentation
    is not installed": that distribution is onedl-mmsegmentation there. A module's name does too.
    """
    if find_installed("mmsegmentation") is None and find_installed("onedl-mmsegmentation"):
        MODULE2PACKAGE["mmseg"] = "mmseg"


# --- the text of configs ---------------------------------------------------------------------


def format_each_config_once() -> None:
    """Keep the last formatted texts of configs.

    Versions: every mmengine. Symptom: a runner lays the same config out by yapf four times when it
    is built and once more for every checkpoint. onedl-mmengine takes the function from yapf itself.
    """
    holder = config_module if hasattr(config_module, "FormatCode") else yapf_api
    if not hasattr(holder.FormatCode, "cache_info"):
        holder.FormatCode = _keeping_texts(holder.FormatCode)


def _keeping_texts(format_code: Any) -> Any:
    @functools.lru_cache(maxsize=_KEPT_TEXTS)
    def cached(text: str, options: str) -> Any:
        return format_code(text, **json.loads(options))

    @functools.wraps(format_code)
    def format_once(text: str, **options: Any) -> Any:
        try:
            key = json.dumps(options, sort_keys=True)
        except TypeError:  # another package's call
            return format_code(text, **options)
        return cached(text, key)

    format_once.__dict__["cache_info"] = cached.cache_info
    return format_once
