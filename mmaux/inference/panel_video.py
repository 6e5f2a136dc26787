"""Videos of panels."""

from pathlib import Path

import cv2
import numpy as np


class PanelVideo:
    """Writes pictures of one size as an mp4.

    Args:
        path: File.
        fps: Frames a second.
        size: Height and width of the pictures; a last odd row or column is left out.

    Raises:
        OSError: OpenCV cannot write such a file.
    """

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        self._fps = fps
        self._height, self._width = (side - side % 2 for side in size)
        code = cv2.VideoWriter.fourcc(*"mp4v")
        self._writer = cv2.VideoWriter(str(path), code, fps, (self._width, self._height))
        if not self._writer.isOpened():
            raise OSError(
                f"'{path}': OpenCV cannot write an mp4 of {self._width} x {self._height} pixels "
                f"with {fps:g} frames a second here."
            )
        self._last: np.ndarray | None = None
        self._written = 0

    def write(self, picture: np.ndarray, *, time: float | None = None) -> None:
        """Add a picture.

        Args:
            picture: RGB uint8 (H, W, 3).
            time: Seconds since the first one, for pictures that come at times of their own: each
                is shown until the next one came. None: each is one frame.
        """
        self._write_last(until=0 if time is None else round(time * self._fps))
        self._last = np.ascontiguousarray(picture[: self._height, : self._width, ::-1])

    def close(self) -> None:
        """Finish the file."""
        self._write_last(until=0)
        self._writer.release()

    def _write_last(self, *, until: int) -> None:
        """The last picture, as one frame at least."""
        if self._last is None:
            return
        for _ in range(max(until - self._written, 1)):
            self._writer.write(self._last)
            self._written += 1
