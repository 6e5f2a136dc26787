import numpy as np
import pytest
from folders import write_png
from mmseg.datasets.transforms import LoadAnnotations

from mmaux.datasets.targets import SemSegTarget

OLD = ("wall", "floor", "bed", "lamp")


def bound(reduce_zero=False, label_map=None, classes=OLD):
    target = SemSegTarget()
    target.bind(
        metainfo={"reduce_zero_label": reduce_zero, "label_map": label_map},
        source_classes=classes,
    )
    return target


@pytest.mark.parametrize("reduce_zero", [False, True])
@pytest.mark.parametrize("label_map", [None, {0: 1, 1: 255, 2: 0, 3: 255}])
def test_ids_are_those_that_mmseg_loads(tmp_path, reduce_zero, label_map):
    allowed = [0, 1, 2, 3, 255] + ([4] if reduce_zero else [])
    ids = np.random.default_rng(0).choice(allowed, (20, 30)).astype(np.uint8)
    path = str(write_png(tmp_path / "x.png", ids))
    expected = LoadAnnotations()(
        {
            "seg_map_path": path,
            "reduce_zero_label": reduce_zero,
            "label_map": label_map,
            "seg_fields": [],
        }
    )["gt_seg_map"]
    loaded = bound(reduce_zero, label_map).load(path)
    np.testing.assert_array_equal(loaded, expected)
    assert loaded.dtype == np.uint8
    if reduce_zero or label_map:
        assert (loaded != ids).any()


def test_reduce_zero_label_by_hand(tmp_path):
    path = write_png(tmp_path / "x.png", np.array([[0, 1, 4, 255]], np.uint8))
    np.testing.assert_array_equal(bound(reduce_zero=True).load(str(path)), [[255, 0, 3, 255]])


@pytest.mark.parametrize(
    ("reduce_zero", "wrong", "range_"), [(False, 4, r"0\.\.3"), (True, 5, r"1\.\.4")]
)
def test_an_id_outside_the_classes_names_the_file(tmp_path, reduce_zero, wrong, range_):
    path = write_png(tmp_path / "odd.png", np.array([[1, wrong]], np.uint8))
    message = rf"odd\.png: class ids \[{wrong}\] are out of range.*4 classes, ids {range_}"
    with pytest.raises(ValueError, match=message):
        bound(reduce_zero).load(str(path))


def test_an_id_outside_the_classes_is_not_hidden_by_a_label_map(tmp_path):
    path = write_png(tmp_path / "odd.png", np.array([[1, 9]], np.uint8))
    with pytest.raises(ValueError, match=r"\[9\] are out of range"):
        bound(label_map={0: 0, 1: 255, 2: 255, 3: 255}).load(str(path))


def test_colour_coded_labels_are_refused(tmp_path):
    path = write_png(tmp_path / "c.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match=r"c\.png.*one channel.*\(4, 4, 3\)"):
        bound().load(str(path))


def test_sixteen_bit_ids_over_255_are_refused(tmp_path):
    path = write_png(tmp_path / "wide.png", np.array([[300]], np.uint16))
    with pytest.raises(ValueError, match=r"wide\.png: class id 300"):
        bound().load(str(path))


def test_without_classes_it_says_where_to_give_them():
    with pytest.raises(ValueError, match=r"no classes.*metainfo=dict\(classes="):
        bound(classes=())


def test_tensor_is_int64_with_a_channel():
    tensor = SemSegTarget().to_tensor(np.array([[3, 255]], np.uint8))
    assert tensor.tolist() == [[[3, 255]]]
    assert str(tensor.dtype) == "torch.int64"
