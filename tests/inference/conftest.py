import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, network_config
from room_folder import dataset_config, pipeline, write_room
from scenes import CLASSES
from trained_network import network_of

FLIPS = [
    {"type": "mmaux.RandomFlip", "prob": prob, "direction": "horizontal"} for prob in (0.0, 1.0)
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room's images, the config of a network with an auxiliary module, and its weights."""
    folder = tmp_path_factory.mktemp("inference")
    write_room(folder / "room")
    resize = {"type": "mmaux.Resize", "scale": (128, 96), "keep_ratio": True}
    test = dataset_config(folder / "room", "test", pipeline=pipeline(resize), test_mode=True)
    model = network_config(auxiliary=auxiliary())
    model["test_cfg"] = {"mode": "whole"}
    tta = [
        {"type": "mmaux.LoadImageFromFile"},
        {
            "type": "mmcv.TestTimeAug",
            "transforms": [
                [resize],
                FLIPS,
                [{"type": "mmaux.LoadTargets"}],
                [{"type": "mmaux.PackMultiTaskInputs"}],
            ],
        },
    ]
    content = {
        "default_scope": "mmaux",
        "model": model,
        "test_dataloader": {
            "batch_size": 1,
            "num_workers": 0,
            "sampler": {"type": "mmengine.DefaultSampler", "shuffle": False},
            "dataset": test,
        },
        "tta_model": {"type": "mmaux.MultiTaskTTAModel"},
        "tta_pipeline": tta,
    }
    Config(content).dump(folder / "config.py")
    network = network_of("baseline", auxiliary=auxiliary())
    meta = {"dataset_meta": {"classes": CLASSES}}
    torch.save({"state_dict": network.state_dict(), "meta": meta}, folder / "iter_9.pth")
    return folder


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of its own, of 640x480."""
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb here")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
        server.terminate()
