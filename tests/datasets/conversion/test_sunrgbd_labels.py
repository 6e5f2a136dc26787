from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from sunrgbd_official import write_labels

from mmaux.datasets.conversion.sunrgbd_labels import SUNRGBDLabels
from mmaux.datasets.sunrgbd import sunrgbd_facts

MAPS = [np.arange(12).reshape(3, 4) + start for start in (0, 10, 26)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "SUNRGBD2Dseg.mat"


@pytest.mark.parametrize("kind", ["float64", "uint8", "uint16"])
def test_maps_are_turned_to_height_and_width(path: Path, kind: str) -> None:
    write_labels(path, MAPS, kind=kind)
    with SUNRGBDLabels(path) as labels:
        assert labels.frames == 3
        for index, truth in enumerate(MAPS):
            found = labels.read(index)
            assert found.dtype == np.uint8
            np.testing.assert_array_equal(found, truth)


def test_an_empty_cell_is_no_label(path: Path) -> None:
    write_labels(path, [MAPS[0], None, MAPS[2]])
    with SUNRGBDLabels(path) as labels:
        assert [labels.has(index) for index in range(3)] == [True, False, True]
        assert labels.read(1) is None
        np.testing.assert_array_equal(labels.read(2), MAPS[2])


@pytest.mark.parametrize(
    ("value", "found"), [(38, "38"), (-1, "-1"), (2.5, "2.5"), (np.nan, "nan")]
)
def test_an_impossible_id_is_named(path: Path, value: float, found: str) -> None:
    wrong = MAPS[1].astype(float)
    wrong[1, 2] = value
    write_labels(path, [MAPS[0], wrong])
    with SUNRGBDLabels(path) as labels:
        labels.read(0)
        with pytest.raises(ValueError, match=rf"2Dseg\.mat: 'seglabel' of frame 2 holds {found}"):
            labels.read(1)


def test_a_map_of_another_shape(path: Path) -> None:
    write_labels(path, [MAPS[0], np.zeros((2, 3, 4))])
    with SUNRGBDLabels(path) as labels, pytest.raises(ValueError, match=r"\(W, H\) of numbers"):
        labels.read(1)


def test_other_classes_are_refused(path: Path) -> None:
    names = list(sunrgbd_facts()["classes37"])
    names[2], names[3] = names[3], names[2]
    write_labels(path, MAPS, names=names)
    with pytest.raises(ValueError, match="'seg37list' has 'bed' where 'cabinet' is expected"):
        SUNRGBDLabels(path)
    write_labels(path, MAPS, names=sunrgbd_facts()["classes37"][:36])
    with pytest.raises(ValueError, match="'36 names' where '37' is expected"):
        SUNRGBDLabels(path)


def test_file_of_another_kind(path: Path) -> None:
    with pytest.raises(ValueError, match=r"2Dseg\.mat: no such file; expected the official"):
        SUNRGBDLabels(path)
    savemat(path, {"seglabel": np.zeros(3)})
    with pytest.raises(ValueError, match="older MATLAB 5 file, give the one of SUNRGBDtoolbox"):
        SUNRGBDLabels(path)
    write_labels(path, MAPS, field_name="labels")
    with pytest.raises(ValueError, match=r"lacks .* 'seglabel'.*found=\['SUNRGBD2Dseg'"):
        SUNRGBDLabels(path)
    with h5py.File(path, "w") as file:
        file.create_dataset("SUNRGBD2Dseg", data=np.zeros(3))
    with pytest.raises(ValueError, match="lacks the struct array 'SUNRGBD2Dseg'"):
        SUNRGBDLabels(path)
