import base64
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, network_config
from room_folder import dataset_config, pipeline, write_room
from scenes import CLASSES
from trained_network import network_of, photographs

from mmaux.inference import MultiTaskInferencer
from mmaux.web_demo import DemoServer


@pytest.fixture(scope="session")
def inferencer(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskInferencer:
    folder = tmp_path_factory.mktemp("web_demo")
    write_room(folder / "room")
    test = dataset_config(folder / "room", "test", pipeline=pipeline(), test_mode=True)
    model = network_config(auxiliary=auxiliary())
    content = {"default_scope": "mmaux", "model": model, "test_dataloader": {"dataset": test}}
    network = network_of("baseline", auxiliary=auxiliary())
    meta = {"dataset_meta": {"classes": CLASSES}}
    torch.save({"state_dict": network.state_dict(), "meta": meta}, folder / "iter_9.pth")
    return MultiTaskInferencer(Config(content), folder / "iter_9.pth", device="cpu")


@pytest.fixture
def server(inferencer: MultiTaskInferencer) -> Iterator[DemoServer]:
    pytest.importorskip("plotly")
    with DemoServer(inferencer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def decode():
    def decode(text: str, kind: type, *shape: int) -> np.ndarray:
        return np.frombuffer(base64.b64decode(text), kind).reshape(shape)

    return decode


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "picture.png"), photographs(1, (96, 128))[0])
    return tmp_path / "picture.png"
