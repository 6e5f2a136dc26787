"""The window, with a stand-in for OpenCV's and, where there is Xvfb, a real one."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageGrab
from trained_network import photographs

from mmaux.apis import MultiTaskInferencer
from mmaux.inference import ImageSource, LiveView, ResultWriter, live_view

PICTURE = np.zeros((48, 64, 3), np.uint8)
PICTURE[..., 0] = 250  # red


class Windows:
    """What OpenCV does with windows, and a user who presses keys."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = keys
        self.shown: list[np.ndarray] = []
        self.is_open = False
        self.size = (0, 0)

    def named(self, title: str, flags: int) -> None:
        self.is_open = True

    def resize(self, title: str, width: int, height: int) -> None:
        self.size = width, height

    def show(self, title: str, picture: np.ndarray) -> None:
        self.shown.append(picture)

    def wait(self, milliseconds: int) -> int:
        assert milliseconds > 0, "0 would wait for a key though the window is closed"
        key = self.keys.pop(0)
        if key == -2:  # the window is closed
            self.is_open = False
            return -1
        return key

    def property(self, title: str, which: int) -> float:
        if not self.is_open:
            raise cv2.error("NULL guiReceiver")
        return 1.0

    def destroy(self, title: str) -> None:
        assert self.is_open
        self.is_open = False


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    windows = Windows([])
    monkeypatch.setattr(live_view, "_ensure_windows", lambda: None)
    for name, method in (
        ("namedWindow", windows.named),
        ("resizeWindow", windows.resize),
        ("imshow", windows.show),
        ("waitKey", windows.wait),
        ("getWindowProperty", windows.property),
        ("destroyWindow", windows.destroy),
    ):
        monkeypatch.setattr(cv2, name, method)
    return windows


def test_it_shows_and_goes_on_until_it_is_ended(windows: Windows) -> None:
    view = LiveView()
    windows.keys = [-1, ord("x"), ord("q")]
    assert view.show(PICTURE, wait=False)
    assert view.show(PICTURE, wait=False)
    assert not view.show(PICTURE, wait=False)
    assert windows.size == (64, 48)
    assert windows.shown[0][0, 0].tolist() == [0, 0, 250]
    view.close()
    assert not windows.is_open
    view.close()


@pytest.mark.parametrize(
    ("keys", "goes_on"),
    [([-1, -1, ord(" ")], True), ([-1, 27], False), ([-1, -1, -2], False), ([0x10001B], False)],
)
def test_a_picture_waits_for_a_key(windows: Windows, keys: list[int], goes_on: bool) -> None:
    view = LiveView()
    windows.keys = list(keys)
    assert view.show(PICTURE, wait=True) is goes_on
    assert windows.keys == []


def test_it_ends_the_run(windows: Windows, folder: Path, tmp_path: Path) -> None:
    for number, picture in enumerate(photographs(3, (96, 128))):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    inferencer = MultiTaskInferencer(folder / "config.py", folder / "iter_9.pth", device="cpu")
    windows.keys = [ord(" "), ord("q")]
    source = ImageSource(tmp_path)
    assert inferencer.write(source, None, view=LiveView()) == (2, [])
    assert not windows.is_open
    panel = inferencer(tmp_path / "1.png")[0].panel(inferencer.dataset_meta)
    assert np.array_equal(windows.shown[1], panel[..., ::-1])
    # Beside files; frames of a video do not wait.
    code = cv2.VideoWriter.fourcc(*"MJPG")
    video = cv2.VideoWriter(str(tmp_path / "v.avi"), code, 5.0, (128, 96))
    for picture in photographs(3, (96, 128)):
        video.write(picture)
    video.release()
    windows.keys = [-1, -1, -1]
    writer = ResultWriter(tmp_path / "out", ["npz"], dataset_meta=inferencer.dataset_meta)
    assert inferencer.write(ImageSource(tmp_path / "v.avi"), writer, view=LiveView()) == (3, [])
    assert len(list((tmp_path / "out" / "npz" / "v").iterdir())) == 3


@pytest.mark.parametrize("display", [None, ":77"])
def test_without_a_display(monkeypatch: pytest.MonkeyPatch, display: str | None) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(ValueError, match=rf"no display \(DISPLAY is {display!r}\), or this OpenCV"):
        LiveView()


REAL = """
import sys
import cv2, numpy as np
from mmaux.inference import LiveView

picture = np.zeros((48, 64, 3), np.uint8)
picture[..., 0] = 250
view = LiveView()
for _ in range(20):
    assert view.show(picture, wait=False)
print("shown", flush=True)
sys.stdin.readline()
cv2.destroyWindow("mmaux")  # as if the user had closed it
assert not view._is_open()
view.close()
print("closed")
"""


def test_a_real_window(display: str, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", REAL]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"DISPLAY": display}
    ) as process:
        assert process.stdout is not None
        assert "shown\n" in iter(process.stdout.readline, "")  # OneDL's mmseg prints before it
        screen = np.asarray(ImageGrab.grab(xdisplay=display))
        is_red = (screen == [250, 0, 0]).all(-1)
        assert is_red.sum() >= 40 * 60
        output, _ = process.communicate("\n", timeout=30)
    assert output == "closed\n"
    assert process.returncode == 0
