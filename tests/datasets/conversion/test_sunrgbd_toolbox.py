from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from sunrgbd_official import NAMES, TEST, TRAIN, cells, depth_name, image_name, official_path
from sunrgbd_official import write_official as write

from mmaux.datasets.conversion.sunrgbd_toolbox import frame_name, read_toolbox


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/n/fs/sun3d/data/SUNRGBD/kv1/NYUdata/NYU0001", "kv1/NYUdata/NYU0001"),
        ("/n/fs/sun3d/data/SUNRGBD/realsense/lg/2014_10/", "realsense/lg/2014_10"),
        ("SUNRGBD/xtion/a//b/", "xtion/a/b"),
        ("/home/me/SUNRGBD/SUNRGBD/kv1/b", "kv1/b"),
    ],
)
def test_frame_name(path: str, name: str) -> None:
    assert frame_name(path) == name


@pytest.mark.parametrize("path", ["/data/kv1/NYUdata/NYU0001", "", "/n/SUNRGBD/"])
def test_path_outside_the_data_set(path: str) -> None:
    with pytest.raises(ValueError, match="expected one below SUNRGBD/"):
        frame_name(path)


def test_frames_and_lists(tmp_path: Path) -> None:
    frames, splits = read_toolbox(write(tmp_path).toolbox)
    assert [frame.name for frame in frames] == list(NAMES)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.image for frame in frames] == [image_name(name) for name in NAMES]
    assert [frame.depth for frame in frames] == [depth_name(name) for name in NAMES]
    assert splits == {"train": list(TRAIN), "test": list(TEST)}


def rewrite_splits(toolbox: Path, train: list[str], test: list[str]) -> None:
    arrays = {
        name: cells([official_path(frame) for frame in frames], (1, -1))
        for name, frames in (("alltrain", train), ("alltest", test))
    }
    savemat(toolbox / "traintestSUNRGBD/allsplit.mat", arrays)


def test_only_listed_frames_count_and_keep_their_index(tmp_path: Path) -> None:
    toolbox = write(tmp_path).toolbox
    rewrite_splits(toolbox, [NAMES[4], NAMES[1]], [NAMES[3], NAMES[2]])
    frames, splits = read_toolbox(toolbox)
    assert [(frame.name, frame.index) for frame in frames] == list(
        zip(NAMES[1:], (1, 2, 3, 4), strict=True)
    )
    assert splits["train"] == [NAMES[4], NAMES[1]]


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (["kv1/x", NAMES[0]], list(TEST), r"allsplit\.mat: 'alltrain' lists 'kv1/x', which .*Meta"),
        ([NAMES[0], NAMES[1]], [NAMES[1], NAMES[2]], f"lists '{NAMES[1]}' twice"),
        ([NAMES[0], NAMES[0]], [NAMES[1], NAMES[2]], f"lists '{NAMES[0]}' twice"),
    ],
)
def test_lists_that_contradict(tmp_path: Path, train, test, message: str) -> None:
    toolbox = write(tmp_path).toolbox
    rewrite_splits(toolbox, train, test)
    with pytest.raises(ValueError, match=message):
        read_toolbox(toolbox)


@pytest.mark.parametrize("file", ["traintestSUNRGBD/allsplit.mat", "Metadata/SUNRGBDMeta.mat"])
def test_missing_and_damaged_files_are_named(tmp_path: Path, file: str) -> None:
    toolbox = write(tmp_path).toolbox
    (toolbox / file).write_bytes(b"<html>")
    with pytest.raises(ValueError, match=rf"{file}: cannot be read .* get it again"):
        read_toolbox(toolbox)
    savemat(toolbox / file, {"other": np.zeros(3)})
    with pytest.raises(ValueError, match=rf"{file}: lacks the array"):
        read_toolbox(toolbox)
    (toolbox / file).unlink()
    with pytest.raises(ValueError, match=rf"{file}: no such file; .*SUNRGBDtoolbox"):
        read_toolbox(toolbox)
    with pytest.raises(ValueError, match=r"none: no such folder; .*--no-toolbox"):
        read_toolbox(tmp_path / "none")


def test_another_struct(tmp_path: Path) -> None:
    toolbox = write(tmp_path).toolbox
    meta = np.array([("a",)], dtype=[("name", object)])
    savemat(toolbox / "Metadata/SUNRGBDMeta.mat", {"SUNRGBDMeta": meta})
    with pytest.raises(ValueError, match=r"'SUNRGBDMeta' has the fields \['name'\], expected"):
        read_toolbox(toolbox)


def test_entries_that_are_no_text(tmp_path: Path) -> None:
    toolbox = write(tmp_path).toolbox
    arrays = {"alltrain": cells([1.0, 2.0], (1, 2)), "alltest": cells(["SUNRGBD/a", "b"], (1, 2))}
    savemat(toolbox / "traintestSUNRGBD/allsplit.mat", arrays)
    with pytest.raises(ValueError, match=r"allsplit\.mat: 'alltrain': found .*1.0.*expected text"):
        read_toolbox(toolbox)
