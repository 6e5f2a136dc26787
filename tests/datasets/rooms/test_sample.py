from collections import Counter

import numpy as np
import pytest

pytest.importorskip("embreex")

from mmaux.datasets.rooms.camera_pose import intrinsics_of, pixel_rays
from mmaux.datasets.rooms.sample import render_sample
from mmaux.datasets.rooms.scene import CLASSES
from mmaux.datasets.rooms.shell import RECESS
from mmaux.geometry import depth_to_points, normals_from_depth

SIZE = (72, 96)
COUNT = 60


@pytest.fixture(scope="module")
def samples():
    return [render_sample((11, i), SIZE) for i in range(COUNT)]


def test_shapes_and_types(samples):
    for sample in samples:
        assert (sample.image.shape, sample.image.dtype) == ((*SIZE, 3), np.uint8)
        assert (sample.label.shape, sample.label.dtype) == (SIZE, np.uint8)
        assert (sample.depth.shape, sample.depth.dtype) == (SIZE, np.float32)
        assert (sample.normal.shape, sample.normal.dtype) == ((*SIZE, 3), np.float32)
        assert sample.label.max() < len(CLASSES)
        assert sample.depth.min() > 0.1
        assert sample.depth.max() < 10


def test_the_same_seed_gives_the_same_bytes(samples):
    again = render_sample((11, 5), SIZE)
    for name in ("image", "label", "depth", "measured_depth", "normal"):
        assert getattr(again, name).tobytes() == getattr(samples[5], name).tobytes(), name
    other = render_sample((12, 5), SIZE)
    assert (other.image != samples[5].image).mean() > 0.5


def test_normals_are_unit_and_face_the_camera(samples):
    rays = pixel_rays(SIZE).reshape(*SIZE, 3)
    for sample in samples:
        assert np.linalg.norm(sample.normal, axis=-1) == pytest.approx(1, abs=1e-4)
        assert np.einsum("hwc,hwc->hw", sample.normal, rays).max() < 1e-4


def test_normals_agree_with_depth(samples):
    """Where all neighbours lie on one plane, a fit to exact depth must find the same normal."""
    angles = []
    for sample in samples[:20]:
        fitted = normals_from_depth(sample.depth, sample.intrinsics, radius=1, step=1)
        flat = np.ones(SIZE, bool)
        for axis in (0, 1):
            for shift in (-1, 1):
                other = np.roll(sample.normal, shift, axis=axis)
                flat &= np.einsum("hwc,hwc->hw", other, sample.normal) > 0.9999
        flat[[0, -1]] = flat[:, [0, -1]] = False
        flat &= fitted.any(axis=-1)
        assert flat.mean() > 0.25
        cosine = np.einsum("hwc,hwc->hw", fitted, sample.normal)[flat]
        angles.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    angles = np.concatenate(angles)
    assert np.median(angles) < 0.1
    assert (angles < 2).mean() > 0.87  # the rest: parallel faces at two depths


def test_points_lie_inside_the_room_and_floors_on_the_floor(samples):
    for sample in samples:
        points = depth_to_points(sample.depth, sample.intrinsics) @ sample.pose.axes
        points = points + sample.pose.position
        plan = sample.room.plan
        reach = RECESS + 0.01
        assert points.min() > -reach
        assert (points < np.array([plan.width, plan.depth, plan.height]) + reach).all()
        floor = points[sample.label == CLASSES.index("floor")]
        assert np.abs(floor[:, 2]).max(initial=0) < 0.03  # rugs are floor
        ceiling = sample.label == CLASSES.index("ceiling")
        assert points[ceiling][:, 2].min(initial=plan.height) > plan.height - 0.13  # beams


def test_floor_is_seen_from_above_and_ceiling_from_below(samples):
    for sample in samples:
        up = sample.normal @ sample.pose.axes[:, 2]
        ceiling = up[sample.label == CLASSES.index("ceiling")]
        floor = up[sample.label == CLASSES.index("floor")]
        assert (floor > 0.99).mean() > 0.9 if len(floor) > 200 else True
        assert (ceiling < 0.1).all()


def test_every_class_occurs(samples):
    """Classes with the least share of images that show them (at least 0.2% of the pixels)."""
    expected = {
        "bed": 0.08, "books": 0.25, "ceiling": 0.12, "chair": 0.3, "floor": 0.75,
        "furniture": 0.5, "objects": 0.7, "picture": 0.35, "sofa": 0.1, "table": 0.4,
        "tv": 0.08, "wall": 0.95, "window": 0.2,
    }  # fmt: skip
    assert tuple(expected) == CLASSES
    seen = Counter[str]()
    for sample in samples:
        share = np.bincount(sample.label.ravel(), minlength=len(CLASSES)) / sample.label.size
        seen.update(name for name, part in zip(CLASSES, share, strict=True) if part > 0.002)
    rare = {name: seen[name] / COUNT for name in CLASSES if seen[name] / COUNT < expected[name]}
    assert not rare


def test_images_are_exposed_and_differ(samples):
    means = np.array([sample.image.mean() for sample in samples])
    spread = np.array([sample.image.std() for sample in samples])
    assert 70 < means.mean() < 170
    assert means.min() > 25
    assert means.max() < 235
    assert spread.min() > 10
    assert np.array([s.image.mean(axis=(0, 1)) for s in samples]).std(axis=0).min() > 10


def test_several_classes_in_every_image_but_never_all(samples):
    counts = [len(np.unique(sample.label)) for sample in samples]
    assert min(counts) >= 2
    assert max(counts) < len(CLASSES)
    assert np.mean(counts) > 4


def test_camera_is_the_same_for_all_and_scales_with_the_size(samples):
    assert all(np.array_equal(s.intrinsics, intrinsics_of(SIZE)) for s in samples)
    matrix = intrinsics_of((240, 320))
    assert matrix.tolist() == [[260, 0, 159.5], [0, 260, 119.5], [0, 0, 1]]


def test_measured_depth_is_noisy_and_has_holes(samples):
    holes, errors = [], []
    for sample in samples:
        read = sample.measured_depth > 0
        holes.append(1 - read.mean())
        errors.append(np.median(np.abs(sample.measured_depth - sample.depth)[read]))
    assert 0.03 < np.mean(holes) < 0.3
    assert 0.001 < np.mean(errors) < 0.03
