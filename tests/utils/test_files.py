import os
import stat

import pytest

from mmaux.utils.files import (
    OutputPathError,
    atomic_write,
    ensure_writable_dir,
    file_fingerprint,
)

needs_permissions = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)


def test_makes_parents_and_leaves_nothing_behind(tmp_path):
    folder = ensure_writable_dir(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    assert ensure_writable_dir(str(folder)) == folder


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_way_is_named(tmp_path, below):
    blocker = tmp_path / "file"
    blocker.write_text("x")
    with pytest.raises(OutputPathError) as error:
        ensure_writable_dir(blocker / below)
    assert f"'{blocker}' is a file" in str(error.value)


@needs_permissions
def test_forbidden_folder(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputPathError, match=r"not writable.*chmod u\+w"):
            ensure_writable_dir(tmp_path)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (PermissionError(13, "Permission denied"), r"chmod u\+w"),
        (OSError(30, "Read-only"), "Read-"),
    ],
)
def test_refusals_of_the_system(tmp_path, monkeypatch, raised, expected):
    def refuse(**_):
        raise raised

    monkeypatch.setattr("mmaux.utils.files.tempfile.NamedTemporaryFile", refuse)
    with pytest.raises(OutputPathError, match=expected) as error:
        ensure_writable_dir(tmp_path)
    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize(("mode", "data"), [("wb", b"\x00new"), ("w", "néw\n")])
def test_writes_whole_files(tmp_path, mode, data):
    path = tmp_path / "file"
    with atomic_write(path, mode) as file:
        file.write(data)
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == (data if mode == "wb" else data.encode("utf-8"))
    assert os.listdir(tmp_path) == ["file"]


def test_permissions_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "file") as file:
            file.write(b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_keeps_the_old_file(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with atomic_write(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_is_on_the_disk_before_it_has_the_name(tmp_path, monkeypatch):
    calls = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), sync(fd)))
    monkeypatch.setattr(os, "replace", lambda *a: (calls.append("replace"), replace(*a)))
    with atomic_write(tmp_path / "file") as file:
        file.write(b"x")
    assert calls == ["fsync", "replace"]


def test_missing_folder_and_wrong_mode(tmp_path):
    with (
        pytest.raises(OutputPathError, match="Check that the folder"),
        atomic_write(tmp_path / "absent" / "file"),
    ):
        pass
    with pytest.raises(ValueError, match="expected 'wb' or 'w'"), atomic_write(tmp_path / "f", "a"):
        pass


def test_fingerprint_follows_size_and_both_ends_and_not_the_name(tmp_path):
    content = bytearray(3 << 20)
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(content)
    second.write_bytes(content)
    known = file_fingerprint(first)
    assert known == file_fingerprint(second)
    assert known.startswith(f"{3 << 20} bytes, ")
    found = {known}
    for place in (0, len(content) - 1):
        changed = bytearray(content)
        changed[place] = 1
        second.write_bytes(changed)
        found.add(file_fingerprint(second))
    second.write_bytes(content + b"\0")
    found.add(file_fingerprint(second))
    assert len(found) == 4
