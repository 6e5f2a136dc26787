import errno
import json
import os
from pathlib import Path

import pytest

from mmaux.datasets.conversion.writer import LayoutWriter, write_atomically


def make_writer(root: Path, **conversion: str | int) -> LayoutWriter:
    facts = {"source": "file a", "classes": 40, **conversion}
    return LayoutWriter(root, folders=("image", "label"), conversion=facts)


def test_layout(tmp_path: Path) -> None:
    root = tmp_path / "new" / "data"
    writer = make_writer(root)
    writer.begin()
    assert not writer.is_done("0001")
    writer.write_frame("0001", {"image": b"a", "label": b"b"})
    assert writer.is_done("0001")
    assert not (root / "meta.json").exists()
    writer.finish(splits={"train": ["0001"], "test": ["0001", "0002"]}, meta={"depth_scale": 1000})
    files = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())
    assert files == [
        "image/0001.png",
        "label/0001.png",
        "meta.json",
        "splits/test.txt",
        "splits/train.txt",
    ]
    assert (root / "splits/test.txt").read_text() == "0001\n0002\n"
    meta = json.loads((root / "meta.json").read_text())
    assert meta["depth_scale"] == 1000
    assert meta["conversion"] == {"source": "file a", "classes": 40}
    assert "mmaux_version" in meta


def test_partial_frames_and_temporary_files_do_not_count(tmp_path: Path) -> None:
    writer = make_writer(tmp_path)
    writer.begin()
    (tmp_path / "image" / "0001.png").write_bytes(b"a")
    half = tmp_path / "label" / ".0001.png.77.tmp"
    half.write_bytes(b"half")
    assert not writer.is_done("0001")
    make_writer(tmp_path).begin()
    assert not half.exists()
    assert (tmp_path / "image" / "0001.png").exists()


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(("name", "value"), [("classes", 13), ("source", "file b")])
def test_another_conversion_is_refused(
    tmp_path: Path, finished: bool, name: str, value: str | int
) -> None:
    writer = make_writer(tmp_path)
    writer.begin()
    if finished:
        writer.finish(splits={}, meta={})
    make_writer(tmp_path).begin()
    with pytest.raises(ValueError, match=f"{name} = .*{name} = {value}.*another output folder"):
        make_writer(tmp_path, **{name: value}).begin()


def test_foreign_files_are_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "image").mkdir()
    mine = tmp_path / "image" / "holiday.png"
    mine.write_bytes(b"x")
    with pytest.raises(ValueError, match=r"holiday\.png: .*already holds files"):
        make_writer(tmp_path).begin()
    assert mine.exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"dataset": "other"}'])
def test_foreign_meta_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "meta.json").write_text(content)
    with pytest.raises(ValueError, match=r"meta\.json: not written by a converter"):
        make_writer(tmp_path).begin()
    assert (tmp_path / "meta.json").read_text() == content


def test_output_cannot_be_written(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("x")
    for root in (occupied, occupied / "below"):
        with pytest.raises(ValueError, match=r"file.*output folder cannot be written"):
            make_writer(root).begin()
    assert occupied.read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="cannot be written"):
        make_writer(tmp_path / "data").begin()


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left.*a\.png"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_frame_needs_all_files(tmp_path: Path) -> None:
    writer = make_writer(tmp_path)
    writer.begin()
    with pytest.raises(ValueError, match="frame 0001"):
        writer.write_frame("0001", {"image": b"a"})


def test_suffixes_and_optional_folders(tmp_path: Path) -> None:
    folders = {"image": ".jpg", "label": ".png", "intrinsics": ".txt"}
    writer = LayoutWriter(tmp_path, folders=folders, conversion={}, optional=("label",))
    writer.begin()
    writer.write_frame("a", {"image": b"1", "label": b"2", "intrinsics": b"3"})
    writer.write_frame("b", {"image": b"1", "intrinsics": b"3"})
    assert sorted(p.name for p in tmp_path.glob("*/*")) == [
        *("a.jpg", "a.png", "a.txt", "b.jpg", "b.txt")
    ]
    assert writer.is_done("a")
    assert not writer.is_done("b")
    assert writer.is_done("b", lacking=("label",))
    for files in ({"image": b"1"}, {"image": b"1", "intrinsics": b"3", "depth": b"4"}):
        with pytest.raises(ValueError, match="frame c: expected"):
            writer.write_frame("c", files)
