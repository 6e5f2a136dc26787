from pathlib import Path

import pytest

from mmaux.datasets.intrinsics_file import read_intrinsics_file


@pytest.mark.parametrize(
    "text", ["5 0 3\n0 6 2 \n0 0 1\n", "5 0 3 0 6 2 0 0 1", "\n5e0 0. 3\t0 6 2 0 0 1"]
)
def test_nine_numbers_in_any_lines(tmp_path: Path, text: str) -> None:
    (tmp_path / "k.txt").write_text(text)
    assert read_intrinsics_file(tmp_path / "k.txt") == [[5, 0, 3], [0, 6, 2], [0, 0, 1]]


@pytest.mark.parametrize(("text", "count"), [("", 0), ("1 2 3", 3), ("a b c d e f g h i", 9)])
def test_anything_else_is_named(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "k.txt").write_text(text)
    with pytest.raises(ValueError, match=rf"k\.txt: expected nine numbers.*found {count} words"):
        read_intrinsics_file(tmp_path / "k.txt")
