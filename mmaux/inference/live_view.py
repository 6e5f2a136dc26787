"""A window that shows pictures as they come."""

import os
import subprocess
import sys

import cv2
import numpy as np

_END_KEYS = (ord("q"), 27)  # q, Esc
_POLL_MILLISECONDS = 20


class LiveView:
    """Shows pictures in a window of OpenCV.

    Args:
        title: The window's.

    Raises:
        ValueError: OpenCV cannot open a window.
    """

    def __init__(self, title: str = "mmaux") -> None:
        _ensure_windows()
        self._title = title
        self._is_sized = False
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)

    def show(self, picture: np.ndarray, *, wait: bool) -> bool:
        """Show a picture.

        Args:
            picture: RGB uint8 (H, W, 3).
            wait: Until a key is pressed.

        Returns:
            Whether to go on: nobody pressed q or Esc, or closed the window.
        """
        if not self._is_sized:
            cv2.resizeWindow(self._title, picture.shape[1], picture.shape[0])
            self._is_sized = True
        cv2.imshow(self._title, picture[..., ::-1])
        key = cv2.waitKey(_POLL_MILLISECONDS if wait else 1)
        while wait and key == -1 and self._is_open():
            key = cv2.waitKey(_POLL_MILLISECONDS)
        return self._is_open() and key & 0xFF not in _END_KEYS

    def close(self) -> None:
        """Close the window."""
        if self._is_open():
            cv2.destroyWindow(self._title)

    def _is_open(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt is gone with its last window
            return False


def _ensure_windows() -> None:
    """Try it in a process of its own: without a display, Qt ends the one that asks for a window.

    Raises:
        ValueError: There is no window.
    """
    tried = subprocess.run(
        [sys.executable, "-c", "import cv2; cv2.namedWindow('mmaux')"], capture_output=True
    )
    if tried.returncode != 0:
        display = os.environ.get("DISPLAY")
        raise ValueError(
            "show: OpenCV cannot open a window: there is no display (DISPLAY is "
            f"{display!r}), or this OpenCV has no windows (opencv-python-headless). Write files "
            "instead."
        )
