import os
import platform
import subprocess
import sys

import pytest

from mmaux.utils.freed_memory import _USERS_CHOICE

PROGRAM = """
import resource, sys
import numpy as np
from mmaux.utils.freed_memory import keep_freed_memory

done = keep_freed_memory() if sys.argv[1] == "keep" else None

def work():
    for _ in range(20):
        blocks = [np.ones(2 << 20, np.uint8) for _ in range(20)]
        del blocks

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(done, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(mode, **variables):
    clean = {name: text for name, text in os.environ.items() if name not in _USERS_CHOICE}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode],
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    was_done, count = done.stdout.split()
    return was_done, int(count)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator")
def test_freed_memory_is_used_again_without_page_faults():
    # 20 rounds over 40 MiB: 10,000 pages of 4 KiB each where the system takes them back.
    assert faults("leave")[1] > 20 * 5_000
    was_done, count = faults("keep")
    assert was_done == "True"
    assert count < 1_000


def test_a_choice_of_the_user_is_respected():
    assert faults("keep", MALLOC_TRIM_THRESHOLD_="1000000")[0] == "False"
