import json
import socket
import struct
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pytest

from mmaux.inference import Prediction
from mmaux.web_demo import server as module
from mmaux.web_demo.__main__ import main


class FakeInferencer:
    """Predicts nothing, and notes the sizes of the images and whether two calls overlap."""

    dataset_meta = {}

    def __init__(self, wait=0.0):
        self.shapes, self.overlapped = [], False
        self.wait, self.meeting = wait, threading.Barrier(2)

    def __call__(self, image):
        self.shapes.append(image.shape)
        try:
            self.meeting.wait(self.wait)
            self.overlapped = True
        except threading.BrokenBarrierError:
            pass
        return [Prediction("x", image, {}, None, {})]


class FailingInferencer:
    def __call__(self, image):
        raise RuntimeError("out of memory")


def png_of(content):
    found, coded = cv2.imencode(".png", content)
    assert found
    return coded.tobytes()


def png_that_claims(width, height):
    """A PNG's header, followed by no pixels."""

    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def post(server, content, query=""):
    request = Request(f"{server.url}predict{query}", data=content)
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_page_and_library_are_served(server):
    assert server.url.startswith("http://127.0.0.1:")
    page = urlopen(server.url, timeout=10).read().decode()
    assert "Drop an image here" in page
    assert "http" not in page.replace("http-equiv", "")  # nothing from elsewhere
    assert len(urlopen(f"{server.url}plotly.js", timeout=10).read()) > 1_000_000
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{server.url}etc/passwd", timeout=10)


def test_an_image_comes_back_predicted(server, picture, inferencer, decode):
    data = post(server, picture.read_bytes(), "?fov=75")
    (expected,) = inferencer(picture)
    metres = decode(data["readings"]["metres"], np.float32, 96, 128)
    assert np.array_equal(metres, expected.maps["depth"])
    ids = decode(data["readings"]["ids"], np.uint16, 96, 128)
    assert np.array_equal(ids, expected.maps["semseg"])


def test_large_images_are_made_smaller(server, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_SIDE", 64)
    cv2.imwrite(str(tmp_path / "large.png"), np.full((96, 128, 3), 80, np.uint8))
    data = post(server, (tmp_path / "large.png").read_bytes())
    assert (data["width"], data["height"]) == (64, 48)


@pytest.mark.parametrize(("shape", "smaller"), [((3, 20000), (1, 960)), ((20000, 3), (960, 1))])
def test_no_side_becomes_zero(server, monkeypatch, shape, smaller):
    monkeypatch.setattr(server, "inferencer", FakeInferencer())
    data = post(server, png_of(np.zeros((*shape, 3), np.uint8)))
    assert (data["height"], data["width"]) == smaller


def test_requests_at_the_same_time_are_predicted_one_after_the_other(server, monkeypatch):
    fake = FakeInferencer(wait=0.5)
    monkeypatch.setattr(server, "inferencer", fake)
    content = png_of(np.zeros((6, 8, 3), np.uint8))
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(post, server, content) for _ in range(2)]
        assert [future.result()["width"] for future in both] == [8, 8]
    assert fake.shapes == [(6, 8, 3)] * 2
    assert not fake.overlapped


@pytest.mark.parametrize(
    ("content", "query", "status", "message"),
    [
        (b"junk", "", 400, "This is not an image that can be read"),
        (b"", "", 400, "This is not an image that can be read"),
        pytest.param(
            png_that_claims(40000, 40000), "", 400, "This is not an image that can", id="too large"
        ),
        (None, "?fov=200", 400, "field of view: found 200 degrees"),
        (None, "?fov=wide", 400, "could not convert string to float"),
    ],
)
def test_bad_requests_get_an_answer(server, picture, content, query, status, message):
    content = picture.read_bytes() if content is None else content
    with pytest.raises(HTTPError) as caught:
        post(server, content, query)
    assert caught.value.code == status
    assert message in json.load(caught.value)["error"]


def test_an_unexpected_failure_is_told(server, picture, monkeypatch, capsys):
    monkeypatch.setattr(server, "inferencer", FailingInferencer())
    with pytest.raises(HTTPError) as caught:
        post(server, picture.read_bytes())
    assert caught.value.code == 500
    assert json.load(caught.value) == {"error": "RuntimeError: out of memory"}
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("length", "status", "message"),
    [
        (str(33 << 20), 413, "The file has 33 MiB; at most 32 are taken."),
        ("abc", 400, "Content-Length: found 'abc', expected the bytes of the file."),
        ("-1", 400, "Content-Length: found '-1', expected the bytes of the file."),
    ],
)
def test_headers_are_refused_before_the_file_is_read(server, length, status, message):
    with socket.create_connection(server.server_address[:2], timeout=30) as connection:
        connection.sendall(f"POST /predict HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
        answer = connection.makefile("rb").read()  # ends when the server closes the connection
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.0 {status} ".encode())
    assert json.loads(content) == {"error": message}


@pytest.mark.parametrize("port", ["-1", "70000"])
def test_a_port_that_there_is_not(monkeypatch, capsys, port):
    monkeypatch.setattr(sys, "argv", ["web_demo", "network.onnx", f"--port={port}"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert f"--port is {port}; expected 0 to 65535" in capsys.readouterr().err
