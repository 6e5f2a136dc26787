"""Commands read a webcam that the operating system shows them, see emulated_webcam.c."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from emulated_webcam import FPS, EmulatedWebcam, interrupt, needs_compiler
from PIL import ImageGrab
from small_runs import REPOSITORY, run_tool
from trained_network import photographs

from mmaux.apis import MultiTaskInferencer
from mmaux.inference import ImageSource

pytestmark = needs_compiler()

INFER = str(REPOSITORY / "tools" / "infer.py")
# Frames say their number: what was on the camera when each was handed out?
SLOW_READER = """
import json, time
from mmaux.inference import ImageSource

seen = []
for frame in ImageSource(0, max_frames=4):
    seen.append([frame.name, frame.fps, frame.time, int(frame.image[0, 0, 0])])
    time.sleep(0.5)
message = None
try:
    for frame in ImageSource(0):
        last = int(frame.image[0, 0, 0])
except OSError as error:
    message = str(error)
print(json.dumps([seen, last, message]))
"""


def test_frames_are_those_of_now(tmp_path: Path) -> None:
    frames = np.zeros((90, 48, 64, 3), np.uint8) + np.arange(90)[:, None, None, None]
    webcam = EmulatedWebcam(tmp_path, frames.astype(np.uint8))
    status, output = webcam.run("-c", SLOW_READER, cwd=tmp_path)
    assert status == 0, output
    seen, last, message = json.loads(output.splitlines()[-1])
    assert [name for name, *_ in seen] == [f"webcam0/{n:06d}" for n in range(4)]
    assert {fps for _, fps, *_ in seen} == {FPS}
    first = seen[0][-1]
    for index, (_, _, seconds, number) in enumerate(seen):
        # Half a second is 15 frames; a queue of four would hand out the first five in turn.
        assert abs((number - first) / FPS - seconds) < 0.2
        assert seconds == pytest.approx(0.5 * index, abs=0.3)
    assert last == 89
    assert message is not None
    assert message.startswith("webcam 0 has no more frames after ")
    assert message.endswith("; was it unplugged?")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return photographs(3, (96, 128))


@pytest.fixture(scope="module")
def webcam(pictures: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> EmulatedWebcam:
    return EmulatedWebcam(tmp_path_factory.mktemp("webcam"), np.tile(pictures, (200, 1, 1, 1)))


def test_the_command_predicts_what_it_sees(
    folder: Path, tmp_path: Path, pictures: np.ndarray, webcam: EmulatedWebcam
) -> None:
    words = [INFER, str(folder / "config.py"), str(folder / "iter_9.pth"), "0"]
    words += ["--save", "video", "npz", "--max-frames", "4"]
    status, output = webcam.run(*words, cwd=tmp_path)
    assert status == 0, output
    assert "predicted 4 of 4 images into predictions" in output
    inferencer = MultiTaskInferencer(folder / "config.py", folder / "iter_9.pth", device="cpu")
    possible = [prediction.maps for prediction in inferencer(list(pictures))]
    for number in range(4):
        found = np.load(tmp_path / "predictions" / "npz" / "webcam0" / f"{number:06d}.npz")
        assert any(
            all(np.array_equal(found[task], values) for task, values in maps.items())
            for maps in possible
        )
    video = cv2.VideoCapture(str(tmp_path / "predictions" / "video" / "webcam0.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == FPS
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) >= 4


def test_a_camera_that_does_not_say_how_fast_it_is(
    folder: Path, tmp_path: Path, webcam: EmulatedWebcam
) -> None:
    words = [INFER, str(folder / "config.py"), str(folder / "iter_9.pth"), "0"]
    words += ["--save", "video", "--max-frames", "3"]
    with webcam.start(*words, cwd=tmp_path, CAMERA_HIDES_FPS="1") as process:
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    video = cv2.VideoCapture(str(tmp_path / "predictions" / "video" / "webcam0.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == 25
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) >= 3


def test_a_camera_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def isOpened(self) -> bool:  # noqa: N802
            return True

        def get(self, _: int) -> float:
            return 30.0

        def read(self) -> tuple[bool, np.ndarray]:
            raise cv2.error("the buffer is gone")

        def release(self) -> None:
            pass

    monkeypatch.setattr(cv2, "VideoCapture", lambda number: Broken())
    with pytest.raises(OSError, match="the webcam failed: the buffer is gone"):
        next(iter(ImageSource(0)))


def test_it_runs_until_ctrl_c(folder: Path, tmp_path: Path, webcam: EmulatedWebcam) -> None:
    out = tmp_path / "predictions" / "npz" / "webcam0"
    words = [INFER, str(folder / "config.py"), str(folder / "iter_9.pth"), "0", "--save", "npz"]
    with webcam.start(*words, cwd=tmp_path) as process:
        deadline = time.monotonic() + 60
        while not (out / "000002.npz").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        output = interrupt(process)
    assert process.returncode == 130, output
    assert "stopped; what was predicted is in predictions\n" in output
    assert "images" not in output  # progress towards nothing
    assert all(set(np.load(file)) for file in out.glob("*.npz"))


def test_it_is_shown_live(
    display: str, folder: Path, tmp_path: Path, webcam: EmulatedWebcam
) -> None:
    words = [INFER, str(folder / "config.py"), str(folder / "iter_9.pth"), "0", "--show"]
    with webcam.start(*words, cwd=tmp_path, DISPLAY=display) as process:
        deadline = time.monotonic() + 60
        is_drawn = False
        while not is_drawn and time.monotonic() < deadline:
            time.sleep(0.2)
            screen = np.asarray(ImageGrab.grab(xdisplay=display)).reshape(-1, 3)
            is_drawn = len(np.unique(screen, axis=0)) > 1000  # a photograph, not the empty window
        output = interrupt(process)
    assert is_drawn, output
    assert process.returncode == 130, output
    assert "\nstopped\n" in output
    assert not list(tmp_path.iterdir())


def test_no_such_webcam(folder: Path) -> None:
    done = run_tool("infer.py", "config.py", "iter_9.pth", "63", cwd=folder, fails=True)
    assert done.returncode == 2
    assert "error: webcam 63 cannot be opened: it is not there, another " in done.stdout
    assert "Traceback" not in done.stdout


def test_predictions_without_end_are_refused(folder: Path) -> None:
    endless, limited = ImageSource([0]), ImageSource([0], max_frames=3)
    assert (endless.is_endless, len(endless)) == (True, 0)
    assert (limited.is_endless, len(limited)) == (False, 3)
    inferencer = MultiTaskInferencer(folder / "config.py", folder / "iter_9.pth", device="cpu")
    with pytest.raises(ValueError, match="a webcam has no end; give max_frames, or use stream"):
        inferencer(0)
