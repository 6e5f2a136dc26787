import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip("torchjd")

WORKER = Path(__file__).with_name("distributed_worker.py")
METHODS = (
    "sum",
    "geometric_mean",
    "random",
    "famo",
    "gradnorm",
    "mgda",
    "graddrop",
    "upgrad_features",
    "alternation",
    "alternation_per_task",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Of one process with the whole batch, and of two with half of it each."""
    folder = tmp_path_factory.mktemp("distributed")
    path = os.pathsep.join([str(Path(__file__).parents[3]), str(Path(__file__).parents[2])])
    environment = {
        **os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"
    }  # fmt: skip
    runs = [(0, 1), (0, 2), (1, 2)]
    outs = [folder / f"{rank}_{size}.pth" for rank, size in runs]
    processes = [
        subprocess.Popen(
            [sys.executable, WORKER, str(rank), str(size), folder / "store", out],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for (rank, size), out in zip(runs, outs, strict=True)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-3000:]
    return [torch.load(out) for out in outs]


@pytest.mark.parametrize("method", METHODS)
def test_two_processes_do_what_one_does_with_the_whole_batch(method, results):
    (one, loss), (first, first_loss), (second, second_loss) = (r[method] for r in results)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first_loss == second_loss
    assert first_loss.item() == pytest.approx(loss.item(), rel=1e-4)
    for name, value in one.items():
        torch.testing.assert_close(first[name], value, rtol=2e-3, atol=2e-5)


def test_every_method_of_the_worker_is_compared(results):
    assert set(METHODS) == set(results[0])
