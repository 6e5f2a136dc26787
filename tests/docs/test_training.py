"""The config lines of docs/training.md that send a run to TensorBoard."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from room_folder import write_room
from small_runs import CONFIGS, REPOSITORY, as_arguments, run_tool, small_options


def test_tensorboard_gets_curves_metrics_and_panels(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    text = (REPOSITORY / "docs" / "training.md").read_text()
    (lines,) = re.findall(r"```python\n(vis_backends = .*?)```", text, re.DOTALL)
    name = "auxi_both_mbv2_rooms.py"
    write_room(tmp_path / "room")
    (tmp_path / "mine.py").write_text(f"_base_ = 'mmaux::{name}'\n{lines}")
    options = small_options(Config.fromfile(CONFIGS / name), tmp_path / "room")
    options["default_hooks.visualization.interval"] = 1
    run_tool("train.py", "mine.py", *as_arguments(options), cwd=tmp_path)

    (folder,) = (tmp_path / "work_dirs" / "mine").glob("*/vis_data")
    events = EventAccumulator(str(folder))
    events.Reload()
    scalars = set(events.Tags()["scalars"])
    assert {"loss", "depth.aux.loss_berhu", "lr", "semseg/mIoU", "depth/rmse"} <= scalars
    panels = events.Tags()["images"]
    assert len(panels) == 2  # the room's test images
    (image,) = events.Images(panels[0])
    panel = cv2.imdecode(np.frombuffer(image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert panel.std() > 10
    assert panel.shape[1] > panel.shape[0] * 1.5  # image, classes and depth side by side
