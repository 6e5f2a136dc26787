import struct
import zlib

import numpy as np
import pytest
from folders import write_png

from mmaux.datasets.image_file import read_array_file, read_image_file

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)


@pytest.fixture(params=["png", "jpg"])
def whole(request, tmp_path):
    path = tmp_path / f"whole.{request.param}"
    write_png(path, IMAGE)
    return path


def test_a_whole_png_is_read_exactly(tmp_path):
    path = write_png(tmp_path / "x.png", IMAGE)
    np.testing.assert_array_equal(read_image_file(str(path)), IMAGE[..., ::-1])


def test_sixteen_bits_survive(tmp_path):
    codes = np.array([[0, 1, 65535, 4660]], np.uint16)
    loaded = read_image_file(str(write_png(tmp_path / "d.png", codes)), flag="unchanged")
    np.testing.assert_array_equal(loaded, codes)
    assert loaded.dtype == np.uint16


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_truncated_image_is_refused_by_name(whole, share):
    content = whole.read_bytes()
    cut = whole.with_name("cut" + whole.suffix)
    cut.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=rf"cut\{whole.suffix}: the image is truncated"):
        read_image_file(str(cut))


def test_a_video_behind_a_whole_image_is_no_truncation(whole):
    expected = read_image_file(str(whole))
    whole.write_bytes(whole.read_bytes() + bytes(10_000))
    np.testing.assert_array_equal(read_image_file(str(whole)), expected)


@pytest.mark.parametrize("backend", ["cv2", "pillow"])
def test_not_an_image(tmp_path, backend):
    path = tmp_path / "notes.png"
    path.write_text("this is no picture")
    with pytest.raises(ValueError, match=rf"notes\.png: not an image .*18 bytes.*{backend} reads"):
        read_image_file(str(path), imdecode_backend=backend)


def test_damage_inside_a_png_is_refused(tmp_path):
    path = write_png(tmp_path / "x.png", IMAGE)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 200] = bytes(200)
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=r"x\.png: not an image that can be decoded"):
        read_image_file(str(path))


def test_empty_and_missing(tmp_path):
    path = tmp_path / "void.png"
    path.touch()
    with pytest.raises(ValueError, match=r"void\.png: the file is empty"):
        read_image_file(str(path))
    with pytest.raises(FileNotFoundError, match="gone"):
        read_image_file(str(tmp_path / "gone.png"))
    path = tmp_path / "void.npy"
    path.touch()
    with pytest.raises(ValueError, match=r"void\.npy: not a readable"):
        read_array_file(str(path))


@pytest.mark.parametrize("marker", [b"IEND", b""])
def test_a_header_of_too_many_pixels_is_refused_by_name(tmp_path, marker):
    """OpenCV raises where it otherwise returns nothing, and Pillow its own kind of error."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 40000, 40000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    file = tmp_path / "huge.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + marker)
    with pytest.raises(ValueError, match=r"huge\.png: "):
        read_image_file(str(file))
