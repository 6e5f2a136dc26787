"""Keeping freed memory in the process instead of giving it back to the system each time."""

import ctypes
import os
from functools import cache

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # of mallopt, in glibc's malloc.h
_LARGEST_BLOCK = 32 << 20
_KEPT = 64 << 20
_USERS_CHOICE = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@cache
def keep_freed_memory() -> bool:
    """Let glibc keep up to 64 MiB of freed memory in this process, once.

    Loading a sample allocates and frees some tens of megabytes. glibc returns them to the system
    and asks for them again with the next sample; to map and clear the pages anew took a fifth of
    the loading time. Environment variables that set glibc's allocator are respected.

    Returns:
        Whether it was done; false with another allocator's library or with such a variable.
    """
    if any(name in os.environ for name in _USERS_CHOICE):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # no glibc; on Windows no such handle either
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK) and mallopt(_TRIM_THRESHOLD, _KEPT))
