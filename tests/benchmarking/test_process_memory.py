import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("psutil")

from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.process_memory import (
    child_bytes,
    peak_resident_bytes,
    resident_bytes,
    this_process,
)

MIB = 2**20


def test_the_peak_remembers_what_was_freed():
    before, alone = resident_bytes(), this_process().memory_info().rss
    held = np.ones(256 * MIB, dtype=np.uint8)
    assert resident_bytes() - before == pytest.approx(256 * MIB, rel=0.1)
    del held
    assert resident_bytes() - before < 64 * MIB
    assert peak_resident_bytes() - alone > 200 * MIB


def test_a_fresh_process_does_not_start_with_the_peak_of_this_one():
    """``ru_maxrss`` would: Linux hands the parent's peak down to it."""
    held = np.ones(512 * MIB, dtype=np.uint8)
    fresh = run_in_fresh_process(peak_resident_bytes)
    assert fresh < resident_bytes() - held.nbytes / 2


def test_errors_of_a_fresh_process_arrive():
    with pytest.raises(ValueError, match="invalid literal"):
        run_in_fresh_process(int, "x")


def test_a_child_counts_while_it_lives():
    code = "b = bytearray(64 * 2**20); print('ready', flush=True); input()"
    command = [sys.executable, "-c", code]
    before = resident_bytes()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert 60 * MIB < child_bytes()[child.pid] < 128 * MIB
        assert resident_bytes() - before > 60 * MIB
        child.communicate(b"\n")
    assert child.pid not in child_bytes()
