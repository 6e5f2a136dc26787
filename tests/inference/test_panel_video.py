from pathlib import Path

import cv2
import numpy as np

from mmaux.inference.panel_video import PanelVideo


def brightness(path: Path) -> list[int]:
    """Of the frames, in steps of 60."""
    video = cv2.VideoCapture(str(path))
    found = []
    while (frame := video.read())[0]:
        assert frame[1].shape == (48, 64, 3)
        found.append(round(frame[1].mean() / 60))
    return found


def pictures(count: int) -> list[np.ndarray]:
    return [np.full((49, 65, 3), 60 * n, np.uint8) for n in range(count)]


def test_a_picture_a_frame(tmp_path: Path) -> None:
    video = PanelVideo(tmp_path / "v.mp4", 10.0, (49, 65))
    for picture in pictures(4):
        video.write(picture)
    video.close()
    assert brightness(tmp_path / "v.mp4") == [0, 1, 2, 3]
    assert cv2.VideoCapture(str(tmp_path / "v.mp4")).get(cv2.CAP_PROP_FPS) == 10.0


def test_each_is_shown_until_the_next_came(tmp_path: Path) -> None:
    video = PanelVideo(tmp_path / "v.mp4", 10.0, (49, 65))
    for picture, time in zip(pictures(4), (0.0, 0.5, 0.52, 0.9), strict=True):
        video.write(picture, time=time)
    video.close()
    # The third came before the second was shown: each gets a frame all the same.
    assert brightness(tmp_path / "v.mp4") == [0, 0, 0, 0, 0, 1, 2, 2, 2, 3]


def test_nothing_came(tmp_path: Path) -> None:
    PanelVideo(tmp_path / "v.mp4", 10.0, (48, 64)).close()
    assert brightness(tmp_path / "v.mp4") == []


def test_colours(tmp_path: Path) -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 255
    video = PanelVideo(tmp_path / "v.mp4", 10.0, (48, 64))
    video.write(red)
    video.close()
    blue, green, red_found = cv2.VideoCapture(str(tmp_path / "v.mp4")).read()[1].mean((0, 1))
    assert red_found > 230
    assert max(blue, green) < 30
