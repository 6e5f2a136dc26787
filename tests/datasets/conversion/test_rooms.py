import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("embreex")

from mmaux.datasets.conversion import rooms
from mmaux.datasets.conversion.rooms import add_scenes, parse_size, render_rooms
from mmaux.datasets.rooms.kinds import KINDS
from mmaux.datasets.rooms.sample import kind_of_room, render_sample

SIZE = (48, 64)


def render(out, **changes):
    return render_rooms(out, **({"train": 3, "test": 2, "seed": 4, "size": SIZE} | changes))


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rooms") / "data"
    summary = render(folder)
    assert (summary.rendered, summary.skipped) == (5, 0)
    return folder


def test_layout(reference):
    files = contents(reference)
    assert len(files) == 5 * 5 + 2 + 1
    assert files["splits/train.txt"] == b"train_000000\ntrain_000001\ntrain_000002\n"
    meta = json.loads(files["meta.json"])
    assert meta["image_size"] == [48, 64]
    assert meta["intrinsics"] == [[52, 0, 31.5], [0, 52, 23.5], [0, 0, 1]]
    assert len(meta["classes"]) == 13
    assert meta["scenes"] == ["living room", "bedroom", "study", "dining room"]


def test_the_same_bytes_from_two_workers(reference, tmp_path):
    render(tmp_path / "two", workers=2)
    assert contents(tmp_path / "two") == contents(reference)


def test_an_interrupted_run_continues_to_the_same_bytes(reference, tmp_path, monkeypatch):
    original, calls = rooms.render_frame, []

    def stop_at_the_third(job):
        calls.append(job)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(job)

    monkeypatch.setattr(rooms, "render_frame", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        render(tmp_path / "data")
    assert not (tmp_path / "data" / "meta.json").exists()
    monkeypatch.undo()
    summary = render(tmp_path / "data")
    assert (summary.rendered, summary.skipped) == (3, 2)
    assert contents(tmp_path / "data") == contents(reference)


def test_asking_for_more_keeps_what_is_there(reference, tmp_path):
    render(tmp_path / "data", train=1, test=0)
    summary = render(tmp_path / "data")
    assert summary.skipped == 1
    assert contents(tmp_path / "data") == contents(reference)


def test_depth_is_exact_in_test_and_measured_in_train(reference):
    for split, attribute in (("train", "measured_depth"), ("test", "depth")):
        sample = render_sample((4, ("train", "test").index(split), 1), SIZE)
        stored = cv2.imread(str(reference / f"depth/{split}_000001.png"), cv2.IMREAD_UNCHANGED)
        assert stored / 1000 == pytest.approx(getattr(sample, attribute), abs=5.1e-4)
        code = cv2.imread(str(reference / f"normal/{split}_000001.png"), cv2.IMREAD_UNCHANGED)
        assert code[..., ::-1] / 32767.5 - 1 == pytest.approx(sample.normal, abs=1e-4)
        label = cv2.imread(str(reference / f"label/{split}_000001.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(label, sample.label)


def test_scenes_are_the_kinds_of_the_rooms(reference):
    for split, count in (("train", 3), ("test", 2)):
        for number in range(count):
            kind = render_sample((4, ("train", "test").index(split), number), SIZE).room.kind
            assert (reference / f"scene/{split}_00000{number}.txt").read_text() == f"{kind}\n"


@pytest.fixture
def without_scenes(reference, tmp_path):
    """Rooms as they were rendered before there were scenes."""
    old = tmp_path / "old"
    shutil.copytree(reference, old)
    shutil.rmtree(old / "scene")
    meta = json.loads((old / "meta.json").read_text())
    del meta["scenes"]
    (old / "meta.json").write_text(json.dumps(meta))
    return old


@pytest.mark.parametrize("command", [render, add_scenes])
def test_a_folder_without_scenes_gets_them_and_nothing_is_rendered(
    reference, without_scenes, monkeypatch, command
):
    def fail(*_):
        raise AssertionError("rendered an image that was there")

    monkeypatch.setattr(rooms, "render_frame", fail)
    monkeypatch.setattr(rooms, "require", fail)
    times = {path: path.stat().st_mtime_ns for path in without_scenes.rglob("*.png")}
    summary = command(without_scenes)
    assert (summary.rendered, summary.skipped, summary.scenes) == (0, 5, 5)
    assert contents(without_scenes) == contents(reference)
    assert times == {path: path.stat().st_mtime_ns for path in without_scenes.rglob("*.png")}
    again = command(without_scenes)
    assert (again.rendered, again.skipped, again.scenes) == (0, 5, 0)


def test_an_image_that_lacks_more_than_its_scene_is_rendered(reference, without_scenes):
    (without_scenes / "depth/train_000001.png").unlink()
    summary = add_scenes(without_scenes)
    assert (summary.rendered, summary.skipped, summary.scenes) == (1, 4, 4)
    assert contents(without_scenes) == contents(reference)


def test_scenes_of_other_data_or_another_renderer(without_scenes):
    meta = json.loads((without_scenes / "meta.json").read_text())
    meta["conversion"]["renderer"] = 1
    (without_scenes / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(ValueError, match="with renderer = 1; this one has renderer = 2"):
        add_scenes(without_scenes)
    (without_scenes / "meta.json").write_text("{}")
    with pytest.raises(ValueError, match=r"its meta\.json is not that of rendered rooms"):
        add_scenes(without_scenes)
    assert not list(without_scenes.glob("scene/*"))


def test_a_kind_is_read_off_the_seed():
    """About as often as each is meant to be; 0.02 is more than four standard deviations."""
    drawn = [kind_of_room((7, 0, number)) for number in range(10000)]
    shares = [drawn.count(kind) / len(drawn) for kind in KINDS]
    assert shares == pytest.approx([0.38, 0.28, 0.16, 0.18], abs=0.02)


def test_another_seed_or_size_cannot_share_a_folder(reference):
    with pytest.raises(ValueError, match="conversion with seed = 4; this one has seed = 5"):
        render(reference, seed=5)
    with pytest.raises(ValueError, match="size = 48x64; this one has size = 48x80"):
        render(reference, size=(48, 80))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": -1}, "train: expected at least 0, found -1"),
        ({"train": 0, "test": 0}, "ask for at least one image"),
        ({"seed": -3}, "seed: expected at least 0"),
        ({"workers": 0}, "workers: expected at least 1"),
        ({"size": (16, 64)}, "size: found 16x64, expected sides of 48 to 2048"),
    ],
)
def test_arguments_out_of_range(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        render(tmp_path / "data", **changes)
    assert not (tmp_path / "data").exists()


def test_an_output_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="the output folder cannot be written"):
        render(tmp_path / "file" / "data")


def test_sizes():
    assert parse_size("240x320") == (240, 320)
    for wrong in ("240", "240x", "axb", "-240x320", "240x320x3"):
        with pytest.raises(ValueError, match="expected HEIGHTxWIDTH such as 240x320"):
            parse_size(wrong)
