"""The launch scripts on two CPU processes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from mmengine.runner.checkpoint import CheckpointLoader
from run_configs import small_run

ROOT = Path(__file__).parents[2]

# mmengine's launcher chooses a CUDA device even for gloo on a machine that has none.
WITHOUT_CUDA = "import torch\ntorch.cuda.set_device = lambda device: None\n"


def launch(*command, folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder / 'without_cuda'}",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PORT": str(port),
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A two-process training run in which one rank's samples lack targets."""
    folder = tmp_path_factory.mktemp("distributed")
    config = small_run(folder)
    for path in sorted((folder / "data" / "depth").glob("*.png"))[::2]:
        path.unlink()
    for name in ("train", "val", "test"):
        config[f"{name}_dataloader"].dataset.allow_missing = True
    config.train_dataloader.batch_size = 1
    config.test_dataloader.dataset.indices = 3
    # mmengine's default wrapper names a device of the rank, which only GPUs have.
    config.model_wrapper_cfg = {
        "type": "mmengine.MMDistributedDataParallel",
        "device_ids": None,
    }
    config.dump(folder / "config.py")
    (folder / "without_cuda").mkdir()
    (folder / "without_cuda" / "sitecustomize.py").write_text(WITHOUT_CUDA)
    launch(ROOT / "tools/dist_train.sh", "config.py", 2, folder=folder)
    return folder


def results(folder):
    logs = [path for path in folder.glob("*/*.json") if path.parent.name != "vis_data"]
    return json.loads(logs[0].read_text())


def test_training_on_partly_labelled_batches_ends_with_finite_weights(run):
    state = CheckpointLoader.load_checkpoint(str(run / "work" / "iter_2.pth"))["state_dict"]
    assert all(value.isfinite().all() for value in state.values())


def test_two_processes_evaluate_like_one(run):
    """Three images on two processes: the sampler repeats one, the metrics must not."""
    checkpoint = run / "work" / "iter_2.pth"
    arguments = ("config.py", checkpoint)
    launch(ROOT / "tools/dist_test.sh", *arguments, 2, "--work-dir", run / "two", folder=run)
    launch(
        sys.executable, ROOT / "tools/test.py", *arguments, "--work-dir", run / "one", folder=run
    )
    one, two = results(run / "one"), results(run / "two")
    assert set(one) == set(two) >= {"depth/rmse", "semseg/mIoU"}
    for name, value in one.items():
        if not name.endswith("time"):
            assert two[name] == pytest.approx(value, rel=1e-5), name
