from pathlib import Path

import cv2
import numpy as np
import pytest

from mmaux.datasets.conversion.nyud_file import NYUDFrame
from mmaux.datasets.conversion.nyud_frame import camera_of, check_frame, class_table, encode_frame
from mmaux.datasets.nyuv2 import nyuv2_facts


def make_frame(**override: np.ndarray) -> NYUDFrame:
    content = {
        "image": np.zeros((24, 32, 3), np.uint8),
        "depth": np.full((24, 32), 2.0, np.float32),
        "raw_depth": np.full((24, 32), 2.0, np.float32),
        "labels": np.zeros((24, 32), np.uint16),
    }
    return NYUDFrame(number=7, **{**content, **override})


def test_class_table_by_hand() -> None:
    table = class_table(40)
    assert table.dtype == np.uint8
    assert table.shape == (895,)
    assert table[0] == 255
    # Official ids: 21 wall, 11 floor, 5 chair, 1 book (otherprop in the first mapping entry).
    classes = nyuv2_facts()["classes40"]
    assert classes[table[21]] == "wall"
    assert classes[table[11]] == "floor"
    assert classes[table[5]] == "chair"
    assert table[1:].max() == 39
    assert table[1:].min() == 0


def test_thirteen_classes_merge_the_forty() -> None:
    forty, thirteen = class_table(40), class_table(13)
    names40, names13 = nyuv2_facts()["classes40"], nyuv2_facts()["classes13"]
    assert thirteen[0] == 255
    assert thirteen[1:].max() == 12
    assert names13[thirteen[21]] == "wall"
    shelf = 1 + int(np.flatnonzero(forty[1:] == names40.index("shelves"))[0])
    assert names13[thirteen[shelf]] == "furniture"


def test_other_number_of_classes() -> None:
    with pytest.raises(ValueError, match="40 or 13 classes, found 37"):
        class_table(37)


def test_camera() -> None:
    np.testing.assert_allclose(camera_of((480, 640)), nyuv2_facts()["intrinsics"])
    # 518.857901 / 2 and (325.582449 + 0.5) / 2 - 0.5
    np.testing.assert_allclose(camera_of((240, 320))[0], [259.4289505, 0, 162.5412245])
    with pytest.raises(ValueError, match="427x561: expected 480x640"):
        camera_of((427, 561))


@pytest.mark.parametrize(
    ("field", "array", "value", "problem"),
    [
        ("depth", "depths", np.nan, "NaN"),
        ("depth", "depths", -0.5, "negative"),
        ("raw_depth", "rawDepths", np.inf, "NaN or infinite"),
        ("raw_depth", "rawDepths", -1, "negative"),
    ],
)
def test_impossible_depth_names_array_and_frame(
    field: str, array: str, value: float, problem: str
) -> None:
    depth = np.full((24, 32), 2.0, np.float32)
    depth[3, 4:6] = value
    frame = make_frame(**{field: depth})
    with pytest.raises(ValueError, match=f"a.mat: '{array}' of frame 7 is {problem}.* 2 pixels"):
        check_frame(frame, path=Path("a.mat"), classes=894)


def test_label_beyond_the_classes() -> None:
    labels = np.zeros((24, 32), np.uint16)
    labels[0, 0] = 894
    check_frame(make_frame(labels=labels), path=Path("a.mat"), classes=894)
    labels[0, 1] = 895
    with pytest.raises(ValueError, match=r"a\.mat: 'labels' of frame 7 .* id 895.* to 894"):
        check_frame(make_frame(labels=labels), path=Path("a.mat"), classes=894)
    with pytest.raises(ValueError, match="class id -1"):
        check_frame(
            make_frame(labels=np.full((24, 32), -1, np.int16)), path=Path("a.mat"), classes=894
        )


def test_what_the_sensor_did_not_measure_is_invalid() -> None:
    raw = np.full((24, 32), 2.0, np.float32)
    raw[:5] = 0
    raw[20:] = 10.0  # saturated
    files = encode_frame(
        make_frame(raw_depth=raw), table=class_table(40), intrinsics=camera_of((24, 32))
    )
    decoded = {
        name: cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
        for name, content in files.items()
    }
    measured = np.zeros((24, 32), bool)
    measured[5:20] = True
    np.testing.assert_array_equal(decoded["depth_raw"], np.where(measured, 2000, 0))
    np.testing.assert_array_equal(decoded["normal"].any(axis=-1), measured)
    assert (decoded["depth"] == 2000).all()
    assert (decoded["label"] == 255).all()
