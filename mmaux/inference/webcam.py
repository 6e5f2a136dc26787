"""The newest frame of a webcam."""

import math
import threading
import time

import cv2
import numpy as np

_USUAL_FPS, _HIGHEST_FPS = 25.0, 1000.0


class Webcam:
    """Hands out what a webcam sees now, each frame once.

    Its frames are read all the time and only the newest is kept: a driver keeps the oldest, so that
    a network slower than the camera would see what was several predictions ago.

    Args:
        number: Its number, as OpenCV counts; N of ``/dev/videoN`` on Linux.

    Attributes:
        fps: Frames a second, as the camera says; 25 if it does not.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, number: int) -> None:
        self._capture = _open_quietly(number)
        if not self._capture.isOpened():
            raise OSError(
                f"webcam {number} cannot be opened: it is not there, another program uses it, or "
                "this user may not read it."
            )
        self.fps = frame_rate(self._capture)
        self._changed = threading.Condition()
        self._newest: tuple[np.ndarray, float] | None = None
        self._ended = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._read_all, daemon=True)
        self._thread.start()

    def read(self) -> tuple[np.ndarray, float] | None:
        """Wait for a frame that was not handed out yet.

        Returns:
            BGR uint8 (H, W, 3) and when it came, in seconds of ``time.monotonic``; None once the
            camera has no more.

        Raises:
            OSError: The camera failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended)
            newest, self._newest = self._newest, None
        if newest is None and self._failure is not None:
            raise OSError(f"the webcam failed: {self._failure}") from self._failure
        return newest

    def close(self) -> None:
        """Let go of the camera."""
        self._ended = True
        self._thread.join()
        self._capture.release()

    def _read_all(self) -> None:
        while not self._ended:
            try:
                found, image = self._capture.read()
            except cv2.error as error:
                found, self._failure = False, error
            with self._changed:
                if found:
                    self._newest = image, time.monotonic()
                else:
                    self._ended = True
                self._changed.notify()


def frame_rate(capture: cv2.VideoCapture) -> float:
    """Frames a second; 25 where a video or webcam gives none that is possible."""
    fps = float(capture.get(cv2.CAP_PROP_FPS))
    return fps if math.isfinite(fps) and 0 < fps <= _HIGHEST_FPS else _USUAL_FPS


def _open_quietly(number: int) -> cv2.VideoCapture:
    """Without a page of warnings of every backend that OpenCV tries."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(number)
    finally:
        cv2.utils.logging.setLogLevel(level)
