import base64
import io

import numpy as np
import pytest
from PIL import Image

from mmaux.inference import Prediction
from mmaux.web_demo import page_data


def decoded(text, kind, *shape):
    return np.frombuffer(base64.b64decode(text), kind).reshape(shape)


@pytest.fixture
def prediction():
    rng = np.random.default_rng(0)
    depth = rng.uniform(1, 4, (12, 16)).astype(np.float32)
    normals = rng.normal(size=(3, 12, 16)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=0)
    fields = {
        "pred_sem_seg": rng.integers(0, 3, (1, 12, 16)),
        "pred_depth_map": depth[None],
        "pred_normal_map": normals,
    }
    image = rng.integers(0, 256, (12, 16, 3)).astype(np.uint8)
    maps = {"semseg": fields["pred_sem_seg"][0], "depth": depth}
    return Prediction("x", image, maps, np.full((12, 16), 0.5, np.float32), fields)


META = {"classes": ("a", "b", "c"), "palette": ((255, 0, 0), (0, 255, 0), (0, 0, 255))}


def test_readings_are_what_was_predicted(prediction):
    data = page_data(prediction, dataset_meta=META, field_of_view=60)
    assert (data["width"], data["height"]) == (16, 12)
    readings = data["readings"]
    ids = decoded(readings["ids"], np.uint16, 12, 16)
    assert np.array_equal(ids, prediction.fields["pred_sem_seg"][0])
    assert readings["classes"] == ["a", "b", "c"]
    metres = decoded(readings["metres"], np.float32, 12, 16)
    assert np.array_equal(metres, prediction.fields["pred_depth_map"][0])
    normal = decoded(readings["normal"], np.int8, 12, 16, 3) / 127
    expected = np.moveaxis(prediction.fields["pred_normal_map"], 0, -1)
    assert np.abs(normal - expected).max() <= 0.51 / 127
    assert set(decoded(readings["confidence"], np.uint8, 192)) == {128}


def test_pictures(prediction):
    data = page_data(prediction, dataset_meta=META, field_of_view=60)
    assert [view["name"] for view in data["views"]] == [
        "image",
        "sem_seg",
        "depth_map",
        "normal_map",
    ]
    pictures = {}
    for view in data["views"]:
        head, _, text = view["png"].partition(",")
        assert head == "data:image/png;base64"
        pictures[view["name"]] = np.array(Image.open(io.BytesIO(base64.b64decode(text))))
    assert np.array_equal(pictures["image"], prediction.image[..., ::-1])
    ids = prediction.fields["pred_sem_seg"][0]
    assert np.array_equal(pictures["sem_seg"], np.array(META["palette"])[ids])
    key = {entry["name"]: entry["color"] for entry in data["views"][1]["key"]}
    assert key["b"] == "rgb(0, 255, 0)"


def test_points_lie_where_their_pixels_look(prediction):
    """Right, away and up from the camera; their angles are those of the pixels."""
    data = page_data(prediction, dataset_meta=META, field_of_view=90)
    points = decoded(data["cloud"]["points"], np.float32, 12, 16, 3)
    depth = prediction.fields["pred_depth_map"][0]
    assert np.array_equal(points[..., 1], depth)
    # Half of 16 pixels is 45 degrees: the focal length is 8 pixels.
    tangent = (np.arange(16) - 7.5) / 8
    np.testing.assert_allclose(points[..., 0] / depth, np.tile(tangent, (12, 1)), rtol=1e-5)
    upwards = (5.5 - np.arange(12)) / 8
    np.testing.assert_allclose(points[:, 0, 2] / depth[:, 0], upwards, rtol=1e-5)
    colors = decoded(data["cloud"]["colors"]["image"], np.uint8, 12, 16, 3)
    assert np.array_equal(colors, prediction.image[..., ::-1])
    with pytest.raises(ValueError, match="field of view: found 180 degrees, expected 1 to 179"):
        page_data(prediction, dataset_meta=META, field_of_view=180)


def test_points_without_a_depth_are_left_out(prediction):
    depth = prediction.fields["pred_depth_map"][0]
    depth[0, :5] = np.nan, np.inf, -np.inf, 0, -1
    data = page_data(prediction, dataset_meta=META, field_of_view=60)
    points = decoded(data["cloud"]["points"], np.float32, -1, 3)
    assert np.array_equal(points[:, 1], depth.flat[5:])
    for colors in data["cloud"]["colors"].values():
        assert len(decoded(colors, np.uint8, -1, 3)) == 12 * 16 - 5


def test_large_images_have_fewer_points(prediction):
    depth = np.ones((1, 480, 640), np.float32)
    image = np.zeros((480, 640, 3), np.uint8)
    large = Prediction("x", image, {}, None, {"pred_depth_map": depth})
    data = page_data(large, dataset_meta={}, field_of_view=60)
    points = decoded(data["cloud"]["points"], np.float32, -1, 3)
    assert 10_000 < len(points) <= 30_000
    assert data["readings"].keys() == {"metres"}


def test_the_scene_has_its_name(prediction):
    assert "scene" not in page_data(prediction, dataset_meta=META, field_of_view=60)
    prediction.maps["scene"] = np.int64(1)
    named = {**META, "scenes": ("study", "hall")}
    assert page_data(prediction, dataset_meta=named, field_of_view=60)["scene"] == "hall"
    assert page_data(prediction, dataset_meta=META, field_of_view=60)["scene"] == "1"
