from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from mmaux.datasets.conversion.nyud_file import NYUDFile


def test_reads_frames_with_their_axes_turned(make_mat) -> None:
    scene = make_mat()
    with NYUDFile(scene.path) as source:
        assert source.frames == 3
        assert source.image_size == (96, 128)
        frame = source.read(2)
    assert frame.number == 2
    np.testing.assert_array_equal(frame.image, scene.images[1])
    np.testing.assert_array_equal(frame.depth, scene.depths[1])
    np.testing.assert_array_equal(frame.raw_depth, scene.raw[1])
    np.testing.assert_array_equal(frame.labels, scene.labels[1])


def test_fingerprint_goes_with_the_content(make_mat, tmp_path: Path) -> None:
    path = make_mat().path
    with NYUDFile(path) as source:
        first = source.fingerprint()
    moved = path.rename(tmp_path / "other name.mat")
    with NYUDFile(moved) as source:
        assert source.fingerprint() == first
    scene = make_mat(4)
    with NYUDFile(scene.path) as source:
        assert source.fingerprint() != first


@pytest.mark.parametrize("name", ["images", "depths", "rawDepths", "labels"])
def test_lacks_an_array(make_mat, name: str) -> None:
    scene = make_mat(**{name: None})
    with pytest.raises(ValueError, match=rf"nyu\.mat: lacks the array '{name}'"):
        NYUDFile(scene.path)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("rawDepths", np.zeros((2, 96, 128), np.float32), r"'rawDepths' has shape \(2, 128, 96\)"),
        ("labels", np.zeros((3, 96, 120), np.uint16), r"'labels' has shape \(3, 120, 96\)"),
        ("images", np.zeros((3, 96, 128, 4), np.uint8), r"'images' has shape \(3, 4, 128, 96\)"),
        ("images", np.zeros((3, 96, 128), np.uint8), r"'images' has shape \(3, 128, 96\)"),
        ("images", np.zeros((3, 96, 128, 3), np.uint16), "'images' has type uint16"),
        ("labels", np.zeros((3, 96, 128), np.float32), "'labels' .* type float32"),
        ("depths", np.zeros((3, 96, 128), np.uint16), "'depths' .* type uint16"),
    ],
)
def test_array_of_wrong_shape_or_type(make_mat, name: str, array, message: str) -> None:
    scene = make_mat(**{name: array})
    with pytest.raises(ValueError, match=message) as caught:
        NYUDFile(scene.path)
    assert "expected" in str(caught.value)


def test_no_frame(make_mat) -> None:
    with pytest.raises(ValueError, match="holds no frame"):
        NYUDFile(
            make_mat(
                images=np.zeros((0, 96, 128, 3), np.uint8),
                depths=np.zeros((0, 96, 128), np.float32),
                rawDepths=np.zeros((0, 96, 128), np.float32),
                labels=np.zeros((0, 96, 128), np.uint16),
            ).path
        )


def test_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mat", tmp_path):
        with pytest.raises(ValueError, match="no such file; expected the official"):
            NYUDFile(path)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"some text", "not a MATLAB file"),
        (b"", "not a MATLAB file"),
        (b"\n<!DOCTYPE html><html>", "web page: the download failed"),
        (b"MATLAB 7.3 MAT-file".ljust(4000, b"\0"), "the copy is damaged"),
    ],
)
def test_not_a_mat(tmp_path: Path, content: bytes, hint: str) -> None:
    path = tmp_path / "nyu.mat"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"nyu\.mat: expected the official .*{hint}"):
        NYUDFile(path)


def test_older_matlab_file(tmp_path: Path) -> None:
    savemat(tmp_path / "splits.mat", {"trainNdxs": [1, 2]})
    with pytest.raises(ValueError, match=r"older MATLAB 5 file.*--splits.*-v7\.3"):
        NYUDFile(tmp_path / "splits.mat")


def test_truncated_download(make_mat) -> None:
    path = make_mat().path
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match="download is incomplete"):
        NYUDFile(path)


def test_damaged_frame_is_named(make_mat) -> None:
    path = make_mat().path
    with h5py.File(path, "r+") as file:
        images = file["images"][:]
        del file["images"]
        file.create_dataset("images", data=images, chunks=(1, 3, 128, 96), compression="gzip")
        where = file["images"].id.get_chunk_info(1).byte_offset
    with open(path, "r+b") as file:
        file.seek(where + 512)  # offsets count behind the user block
        file.write(b"\xff" * 2000)
    with NYUDFile(path) as source:
        source.read(1)
        with pytest.raises(ValueError, match="frame 2 cannot be read"):
            source.read(2)
