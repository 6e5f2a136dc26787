from pathlib import Path

import cv2
import numpy as np
import pytest
from folders import write_png
from sunrgbd_official import NAMES, SIZE, depth_name, image_name, rotated, write_official

from mmaux.datasets.conversion.sunrgbd_frame import (
    FrameFiles,
    class_table,
    encode_frame,
    find_frames,
    read_depth,
)
from mmaux.datasets.sunrgbd import sunrgbd_facts


@pytest.fixture
def frame(tmp_path: Path) -> FrameFiles:
    root = write_official(tmp_path).root
    name = NAMES[1]
    return FrameFiles.in_folder(root, name, image=image_name(name), depth=depth_name(name))


def test_class_tables_by_hand() -> None:
    full, merged = class_table(37), class_table(13)
    assert full.tolist() == [255, *range(37)]
    names37, names13 = sunrgbd_facts()["classes37"], sunrgbd_facts()["classes13"]
    by_name = {name: names13[merged[i + 1]] for i, name in enumerate(names37)}
    assert merged[0] == 255
    assert by_name["night_stand"] == by_name["fridge"] == by_name["bookshelf"] == "furniture"
    assert by_name["door"] == by_name["wall"] == "wall"
    assert by_name["blinds"] == by_name["curtain"] == by_name["window"] == "window"
    assert by_name["floor_mat"] == "floor"
    assert by_name["desk"] == "table"
    assert by_name["shower_curtain"] == by_name["whiteboard"] == by_name["person"] == "objects"
    with pytest.raises(ValueError, match="37 or 13 classes, found 40"):
        class_table(40)


def test_depth_decoding_by_hand(tmp_path: Path) -> None:
    # 1234 = 0b10011010010: the codes are 1234 * 8 = 9872; 8191 wraps nowhere, 8193 = 2**13 + 1
    # becomes 8 + 1 = 9.
    codes = np.array([[0, 9872, 65528, 9]], np.uint16)
    np.testing.assert_array_equal(codes, rotated(np.array([[0, 1234, 8191, 8193]])))
    path = write_png(tmp_path / "d.png", codes)
    np.testing.assert_allclose(read_depth(path), [[0, 1.234, 8.191, 8.193]], rtol=1e-6)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(SIZE, np.uint8), "uint16, found uint8"),
        (np.zeros((*SIZE, 3), np.uint16), r"one channel, found shape \(96, 128, 3\)"),
    ],
)
def test_depth_of_another_kind(tmp_path: Path, array: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=rf"d\.png: .*{message}"):
        read_depth(write_png(tmp_path / "d.png", array))


def test_sizes_must_agree(frame: FrameFiles) -> None:
    table = class_table(37)
    with pytest.raises(ValueError, match=r"labels of kv1/NYUdata/NYU0001: 96x120, but .*96x128"):
        encode_frame(frame, labels=np.zeros((96, 120), np.uint8), table=table)
    write_png(frame.raw_depth, np.zeros((90, 128), np.uint16))
    with pytest.raises(ValueError, match=r"depth/NYU0001_abs\.png: 90x128, but"):
        encode_frame(frame, labels=None, table=table)


def test_damaged_files_are_named(frame: FrameFiles) -> None:
    table = class_table(37)
    content = frame.image.read_bytes()
    frame.image.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"NYU0001\.jpg: the image is truncated"):
        encode_frame(frame, labels=None, table=table)
    frame.image.write_bytes(content)
    for text, message in (("1 2 3", "nine numbers"), ("1 5 0 0 1 0 0 0 1", r"expected \[\[fx")):
        frame.intrinsics.write_text(text)
        with pytest.raises(ValueError, match=rf"NYU0001/intrinsics\.txt: .*{message}"):
            encode_frame(frame, labels=None, table=table)


def test_find_frames(tmp_path: Path) -> None:
    root = write_official(tmp_path).root
    frames = find_frames(root)
    assert [frame.name for frame in frames] == sorted(NAMES)
    assert all(frame.missing() is None for frame in frames)
    assert frames[0].stem == sorted(NAMES)[0].replace("/", "__")
    second = root / NAMES[1] / "image" / "second.jpg"
    cv2.imwrite(str(second), np.zeros((*SIZE, 3), np.uint8))
    with pytest.raises(ValueError, match=r"NYU0001/image: 2 files \*\.jpg, expected one"):
        find_frames(root)
    with pytest.raises(ValueError, match=r"no frame folder.*kv1, kv2, realsense, xtion"):
        find_frames(root / NAMES[1] / "image")
