"""Memory of processes, as the operating system counts it."""

import resource
import sys
from pathlib import Path
from typing import Any

from mmaux.utils.dependencies import require


def this_process() -> Any:
    """This process as a ``psutil.Process``.

    Raises:
        ImportError: psutil is not installed.
    """
    return require("psutil", purpose="measuring the memory of processes").Process()


def resident_bytes() -> int:
    """Resident memory of this process and its children now.

    Pages that processes share count in each of them.
    """
    process = this_process()
    family = [process, *process.children(recursive=True)]
    return sum(int(member.memory_info().rss) for member in family)


def child_bytes() -> dict[int, int]:
    """Memory that would be free if a child of this process ended (USS), by process id."""
    children = this_process().children(recursive=True)
    return {child.pid: int(child.memory_full_info().uss) for child in children}


def peak_resident_bytes() -> int:
    """Largest resident memory that this process ever had.

    On Linux ``VmHWM``; ``ru_maxrss``, which is read elsewhere, starts there with the peak of the
    parent process, even after exec.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
