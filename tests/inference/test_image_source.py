from pathlib import Path

import cv2
import numpy as np
import pytest
from trained_network import photographs

from mmaux.inference import ImageSource, UnreadableImage


def write_video(path: Path, count: int, *, fps: float = 5.0) -> list[np.ndarray]:
    frames = list(photographs(count, (48, 64)))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return frames


def test_names_and_order(tmp_path):
    picture = photographs(1, (48, 64))[0]
    for name in ("b.PNG", "a.jpg", "deep/c.png", ".hidden.png", "notes.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / "folder.png").mkdir(exist_ok=True)
        if name.endswith("txt"):
            (tmp_path / "in" / name).write_text("x")
        else:
            cv2.imwrite(str(tmp_path / "in" / name), picture)
    source = ImageSource([tmp_path / "in", picture])
    assert len(source) == 4
    frames = list(source)
    assert [frame.name for frame in frames] == ["a", "b", "deep/c", "array_000001"]
    assert np.array_equal(frames[1].image, picture)
    assert next(iter(source)).name == "a"  # it can be read again


def test_frames_of_a_video(tmp_path):
    written = write_video(tmp_path / "v.avi", 7, fps=5.0)
    source = ImageSource(tmp_path / "v.avi")
    assert len(source) == 7
    frames = list(source)
    assert [frame.name for frame in frames] == [f"v/{n:06d}" for n in range(7)]
    assert {frame.fps for frame in frames} == {5.0}
    for frame, original in zip(frames, written, strict=True):
        assert np.abs(frame.image.astype(int) - original).mean() < 12  # lossy
        # ... and far nearer than another frame.
    assert np.abs(frames[0].image.astype(int) - written[1]).mean() > 25
    few = ImageSource(tmp_path / "v.avi", max_frames=3)
    assert len(few) == len(list(few)) == 3


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([], "found an empty list, expected an image at least"),
        (np.zeros((4, 4), np.uint8), r"array 0 is uint8 of shape \(4, 4\); expected uint8 BGR"),
        (np.zeros((4, 4, 3)), "array 0 is float64"),
        ("nowhere.png", r"'nowhere\.png': no such file or folder"),
    ],
)
def test_what_is_no_image_is_refused(inputs, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        ImageSource(inputs)


def test_names_below_those_of_a_video_are_refused(tmp_path):
    write_video(tmp_path / "x.avi", 2)
    (tmp_path / "in" / "x").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "in" / "x" / "000000.png"), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(
        ValueError, match=r"frames of '.*x\.avi' and '.*000000\.png' would both have results below"
    ):
        ImageSource([tmp_path / "in", tmp_path / "x.avi"])


def test_a_video_that_breaks_off_is_reported(tmp_path):
    write_video(tmp_path / "v.avi", 40)
    content = (tmp_path / "v.avi").read_bytes()
    (tmp_path / "v.avi").write_bytes(content[: len(content) // 3])
    *frames, last = ImageSource(tmp_path / "v.avi")
    assert 0 < len(frames) < 20
    assert isinstance(last, UnreadableImage)
    assert last.message.endswith(f"v.avi': only {len(frames)} of 40 frames can be read.")
    # Stopped on purpose, it is complete.
    assert len(list(ImageSource(tmp_path / "v.avi", max_frames=5))) == 5


def test_only_positive_numbers_of_frames():
    for count in (0, -1):
        with pytest.raises(ValueError, match=f"max_frames is at least 1, found {count}"):
            ImageSource(0, max_frames=count)


def test_files_that_cannot_be_predicted_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty': no image \(\.jpg, "):
        ImageSource(tmp_path / "empty")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match=r"notes\.txt' is neither an image .* nor a video"):
        ImageSource(tmp_path / "notes.txt")
    (tmp_path / "v.mp4").write_bytes(b"")
    with pytest.raises(ValueError, match=r"v\.mp4': no frame can be read"):
        list(ImageSource(tmp_path / "v.mp4"))
    for name in ("x.png", "x.jpg"):
        cv2.imwrite(str(tmp_path / name), np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(
        ValueError, match=r"x\.png' and '.*x\.jpg' would both have results named 'x'"
    ):
        ImageSource([tmp_path / "x.png", tmp_path / "x.jpg"])
