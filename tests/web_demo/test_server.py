import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pytest

from mmaux.web_demo import server as module


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


@pytest.mark.parametrize(
    ("content", "query", "status", "message"),
    [
        (b"junk", "", 400, "This is not an image that can be read"),
        (b"", "", 400, "This is not an image that can be read"),
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


def test_uploads_have_a_limit(server, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_UPLOAD", 1 << 20)
    with pytest.raises((HTTPError, ConnectionError, OSError)) as caught:
        post(server, b"x" * (3 << 20))
    if isinstance(caught.value, HTTPError):
        assert caught.value.code == 413
        assert "The file has 3 MiB" in json.load(caught.value)["error"]
