"""Images from files, folders, videos, a webcam or memory, one at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from mmaux.datasets.image_file import IMAGE_SUFFIXES, read_image_file

from .webcam import Webcam, frame_rate

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg")
_COMPLETE = 0.9  # of a video's frames; headers may estimate their number

Input = str | Path | np.ndarray | int


@dataclass(frozen=True)
class Frame:
    """An image.

    Attributes:
        name: Path for its results, without a suffix: that below the folder, the file's own name,
            ``VIDEO/000012`` for a video's, ``webcam0/000012``, ``array_000003``.
        image: BGR uint8 (H, W, 3), as OpenCV reads it.
        fps: Frames a second of the video or webcam that it is of.
        time: Of a webcam, seconds since its first frame.
    """

    name: str
    image: np.ndarray
    fps: float | None = None
    time: float | None = None


@dataclass(frozen=True)
class UnreadableImage:
    """A file of a folder that cannot be read, or a video that breaks off.

    Attributes:
        name: As a frame's.
        message: Why, with the file's name.
    """

    name: str
    message: str


class ImageSource:
    """Reads one image after the other; none is kept.

    Args:
        inputs: An image file, a folder (searched with its subfolders), a video file, the number of
            a webcam (its newest frame each time), a BGR uint8 array (H, W, 3), or a list of these.
        max_frames: Stop a video or webcam after so many frames; None: at its end.

    Attributes:
        folders: The folders among the inputs.
        files: The files among them, not those of folders.
        has_videos: There is a video or a webcam among them.
        is_endless: There is a webcam among them, and no limit.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: An input is nothing of these, a folder has no image, two inputs would have
            results of the same name, or ``max_frames`` is not positive.
    """

    def __init__(self, inputs: Input | Sequence[Input], *, max_frames: int | None = None) -> None:
        if max_frames is not None and max_frames < 1:
            raise ValueError(f"max_frames is at least 1, found {max_frames}.")
        self._max_frames = max_frames
        given = [inputs] if isinstance(inputs, str | Path | np.ndarray | int) else list(inputs)
        if not given:
            raise ValueError("inputs: found an empty list, expected an image at least.")
        self.folders = tuple(
            Path(item) for item in given if isinstance(item, str | Path) and Path(item).is_dir()
        )
        self.files = tuple(
            Path(item) for item in given if isinstance(item, str | Path) and Path(item).is_file()
        )
        self.has_videos = any(_is_stream(item) for item in given)
        self.is_endless = max_frames is None and any(isinstance(item, int) for item in given)
        self._items: list[tuple[str, Input]] = []
        for number, item in enumerate(given):
            self._items += self._expanded(number, item)
        names: dict[str, Input] = {}
        for name, item in self._items:
            if name in names:
                raise ValueError(
                    f"inputs: {_describe(names[name])} and {_describe(item)} would both have "
                    f"results named {name!r}; rename one, or run them apart."
                )
            names[name] = item
        for name, item in self._items:
            if _is_stream(item) and (same := [n for n in names if n.startswith(f"{name}/")]):
                raise ValueError(
                    f"inputs: frames of {_describe(item)} and {_describe(names[same[0]])} would "
                    f"both have results below '{name}/'; rename one, or run them apart."
                )

    def __len__(self) -> int:
        """Number of images, a video's frames as its header says; 0 if it is not known."""
        counts = [self._count(item) for _, item in self._items]
        return 0 if 0 in counts else sum(counts)

    def __iter__(self) -> Iterator[Frame | UnreadableImage]:
        """The images in order; after a video that breaks off, that it does.

        Raises:
            OSError: A webcam cannot be opened, or has no more frames.
            ValueError: A video has no frame.
        """
        for name, item in self._items:
            if isinstance(item, np.ndarray):
                yield Frame(name, item)
            elif isinstance(item, int):
                yield from self._webcam_frames(name, item)
            elif _is_video(item):
                yield from self._video_frames(name, item)
            else:
                try:
                    yield Frame(name, read_image_file(str(item)))
                except (OSError, ValueError) as error:
                    yield UnreadableImage(name, str(error))

    def _expanded(self, number: int, item: Input) -> list[tuple[str, Input]]:
        if isinstance(item, np.ndarray):
            if item.dtype != np.uint8 or item.ndim != 3 or item.shape[2] != 3:
                raise ValueError(
                    f"inputs: array {number} is {item.dtype} of shape {item.shape}; expected uint8 "
                    "BGR (H, W, 3), as cv2.imread returns it."
                )
            return [(f"array_{number:06d}", item)]
        if isinstance(item, int):
            return [(f"webcam{item}", item)]
        path = Path(item)
        if path.is_dir():
            files = [
                file
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in IMAGE_SUFFIXES
                and not file.name.startswith(".")
                and file.is_file()
            ]
            if not files:
                raise ValueError(f"'{path}': no image ({', '.join(IMAGE_SUFFIXES)}) in it.")
            return [(file.relative_to(path).with_suffix("").as_posix(), file) for file in files]
        if not path.is_file():
            raise FileNotFoundError(f"'{path}': no such file or folder.")
        if path.suffix.lower() not in IMAGE_SUFFIXES + VIDEO_SUFFIXES:
            raise ValueError(
                f"'{path}' is neither an image ({', '.join(IMAGE_SUFFIXES)}) nor a video "
                f"({', '.join(VIDEO_SUFFIXES)})."
            )
        return [(path.stem, path)]

    def _count(self, item: Input) -> int:
        limit = self._max_frames
        if isinstance(item, int):
            return limit or 0
        if not _is_video(item):
            return 1
        capture = cv2.VideoCapture(str(item))
        frames = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
        capture.release()
        return frames if limit is None else min(frames, limit)

    def _video_frames(self, name: str, item: Input) -> Iterator[Frame | UnreadableImage]:
        capture = cv2.VideoCapture(str(item))
        fps = frame_rate(capture)
        expected = self._count(item)
        number = 0
        try:
            while self._max_frames is None or number < self._max_frames:
                found, image = capture.read()
                if not found:
                    break
                yield Frame(f"{name}/{number:06d}", image, fps)
                number += 1
        finally:
            capture.release()
        if number == 0:
            raise ValueError(
                f"{_describe(item)}: no frame can be read; it is empty, no video, or of a codec "
                "that OpenCV does not know here."
            )
        if number < _COMPLETE * expected:
            yield UnreadableImage(
                name,
                f"{_describe(item)}: only {number} of {expected} frames can be read.",
            )

    def _webcam_frames(self, name: str, item: int) -> Iterator[Frame]:
        webcam = Webcam(item)
        start = 0.0
        try:
            for number in count() if self._max_frames is None else range(self._max_frames):
                newest = webcam.read()
                if newest is None:
                    raise OSError(
                        f"{_describe(item)} has no more frames after {number}; was it unplugged?"
                    )
                image, time = newest
                start = start or time
                yield Frame(f"{name}/{number:06d}", image, webcam.fps, time - start)
        finally:
            webcam.close()


def _is_stream(item: Input) -> bool:
    return isinstance(item, int) or _is_video(item)


def _is_video(item: Input) -> bool:
    return isinstance(item, str | Path) and Path(item).suffix.lower() in VIDEO_SUFFIXES


def _describe(item: Input) -> str:
    if isinstance(item, np.ndarray):
        return "an array"
    return f"webcam {item}" if isinstance(item, int) else f"'{item}'"
