from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from mmaux.datasets.conversion.splits import check_splits, read_splits


def test_mat_and_json_agree(tmp_path: Path) -> None:
    mat, text = tmp_path / "s.mat", tmp_path / "s.json"
    savemat(mat, {"trainNdxs": np.array([[3], [4]], np.uint16), "testNdxs": np.array([[1.0]])})
    text.write_text('{"train": [3, 4], "test": [1]}')
    assert read_splits(mat) == read_splits(str(text)) == {"train": [3, 4], "test": [1]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("s.mat", b"no matlab", "cannot be read as splits"),
        ("s.json", b"{train", "cannot be read as splits"),
        ("s.json", b"\xff\xfe", "cannot be read as splits"),
        ("s.json", b'{"train": [1]}', r"lacks 'test', found \['train'\]"),
        ("s.json", b"[1, 2]", "lacks 'train'"),
        ("s.json", b'{"train": [1.5], "test": [1]}', "train: expected a list of integer"),
        ("s.json", b'{"train": ["1"], "test": [1]}', "train: expected a list of integer"),
        ("s.json", b'{"train": [true], "test": [1]}', "train: expected a list of integer"),
    ],
)
def test_unusable_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_splits(path)
    assert str(path) in str(caught.value)


def test_missing_file_and_missing_field(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such splits file"):
        read_splits(tmp_path / "none.json")
    savemat(tmp_path / "s.mat", {"trainNdxs": [1]})
    with pytest.raises(ValueError, match=r"lacks 'testNdxs', found \['trainNdxs'\]"):
        read_splits(tmp_path / "s.mat")


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ([], "split 'train' is empty"),
        ([0, 1, 2], "count from 0: add 1"),
        ([1, 4], "names frame 4, but the data has the frames 1 to 3"),
        ([-1, 2], "names frame -1"),
        ([1, 2, 1], "names frame 1 twice"),
    ],
)
def test_lists_that_do_not_fit(train: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        check_splits({"test": [1], "train": train}, frames=3, where="my.json")
    assert str(caught.value).startswith("my.json: ")


def test_lists_that_fit() -> None:
    check_splits({"train": [1, 3], "test": [1]}, frames=3, where="my.json")
