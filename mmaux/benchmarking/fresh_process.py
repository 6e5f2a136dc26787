"""Measuring in a process that has done nothing else."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_in_fresh_process(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function in a new Python process and return what it returns.

    Args:
        function: A function of a module, which the new process imports.
        arguments: Its arguments; they are pickled.

    Raises:
        Exception: What the function raised.
        BrokenProcessPool: The process died, for example of a lack of memory.
    """
    # spawn, not fork: a fork would start with this process's memory.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()
