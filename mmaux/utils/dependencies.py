"""Optional dependencies, asked for when the thing that needs them is built."""

from __future__ import annotations

import importlib
from types import ModuleType


def require(module: str, *, package: str | None = None, purpose: str) -> ModuleType:
    """Import an optional dependency or say how to install it.

    Args:
        module: Name to import, such as ``h5py`` or ``scipy.io``.
        package: What to give to pip, with a range if there is one (``'torchjd>=0.7'``). Default:
            the first component of ``module``.
        purpose: What needs it, such as ``'reading nyu_depth_v2_labeled.mat'``.

    Returns:
        ModuleType: The imported module.

    Raises:
        ImportError: The module is not there, or it is there and fails while it is imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = package or module.partition(".")[0]
        root = module.partition(".")[0]
        absent = isinstance(error, ModuleNotFoundError) and error.name in (root, module)
        state = "is not installed" if absent else f"is installed but does not import ({error})"
        raise ImportError(
            f"{purpose} needs the module `{module}`, which {state}. "
            f"Fix: python -m pip install {'' if absent else '--force-reinstall '}'{package}'"
        ) from error
