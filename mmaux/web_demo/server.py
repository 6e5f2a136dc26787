"""The page's server."""

import json
import threading
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np

from mmaux.inference import MultiTaskInferencer
from mmaux.utils.dependencies import require

from .page_data import page_data

LARGEST_UPLOAD = 32 << 20
LARGEST_SIDE = 960
DEFAULT_FIELD_OF_VIEW = 60.0


class DemoServer(ThreadingHTTPServer):
    """Serves the page and predicts what it sends, one image at a time.

    It listens on this machine only unless another host is given, and keeps nothing.

    Args:
        inferencer: The network.
        host: Address to listen on.
        port: Port; 0 takes a free one, see ``url``.

    Raises:
        OSError: The port is taken.
        ImportError: plotly, which draws the points, is missing.
    """

    daemon_threads = False  # a thread cut off while torch runs would abort Python

    def __init__(
        self, inferencer: MultiTaskInferencer, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        offline: ModuleType = require(
            "plotly.offline", package="mmaux[demo]", purpose="the web page's point cloud"
        )
        self.plotly = offline.get_plotlyjs().encode()
        page = resources.files("mmaux.web_demo").joinpath("page.html").read_text(encoding="utf-8")
        self.page = page.encode()
        self.inferencer = inferencer
        self._one_at_a_time = threading.Lock()
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Address of the page."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"

    def predict(self, content: bytes, *, field_of_view: float) -> dict[str, Any]:
        """Predict an image file.

        Args:
            content: JPEG, PNG or another format that OpenCV reads. A side longer than 960 pixels
                is made smaller first.
            field_of_view: See :func:`page_data`.

        Raises:
            ValueError: It is no image.
        """
        image = _made_smaller(_read_image(content))
        with self._one_at_a_time:
            (prediction,) = self.inferencer(image)
        meta = self.inferencer.dataset_meta
        return page_data(prediction, dataset_meta=meta, field_of_view=field_of_view)


def _read_image(content: bytes) -> np.ndarray:
    image = None
    if content:
        with suppress(cv2.error):  # the header claims more pixels than OpenCV takes
            image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("This is not an image that can be read; drop a JPEG or PNG file.")
    return image


def _made_smaller(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    factor = LARGEST_SIDE / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    timeout = 5  # seconds; browsers hold connections open that they never use

    def do_GET(self) -> None:
        """The page and the library that draws the points."""
        if self.path == "/":
            self._send(200, "text/html; charset=utf-8", self.server.page)
        elif self.path == "/plotly.js":
            self._send(200, "text/javascript; charset=utf-8", self.server.plotly)
        else:
            self._send(404, "text/plain", b"not found")

    def do_POST(self) -> None:
        """An image to predict."""
        parts = urlsplit(self.path)
        if parts.path != "/predict":
            self._send(404, "text/plain", b"not found")
            return
        try:
            length = self._content_length()
        except ValueError as error:
            self._refuse(400, str(error))
            return
        if length > LARGEST_UPLOAD:
            message = f"The file has {length >> 20} MiB; at most {LARGEST_UPLOAD >> 20} are taken."
            self._refuse(413, message)
            return
        content = self.rfile.read(length)
        try:
            angle = parse_qs(parts.query).get("fov", [str(DEFAULT_FIELD_OF_VIEW)])[0]
            data = self.server.predict(content, field_of_view=float(angle))
        except ValueError as error:
            self._refuse(400, str(error))
        except Exception as error:
            traceback.print_exc()
            self._refuse(500, f"{type(error).__name__}: {error}")
        else:
            self._send_json(200, data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing for every request."""

    def _content_length(self) -> int:
        text = self.headers.get("Content-Length") or "0"
        if not text.isdecimal():
            raise ValueError(f"Content-Length: found {text!r}, expected the bytes of the file.")
        return int(text)

    def _refuse(self, status: int, message: str) -> None:
        self._send_json(status, {"error": message})
        self.close_connection = True

    def _send_json(self, status: int, data: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(data).encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
