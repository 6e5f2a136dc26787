import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from killed_runs import kill_when_exists

from mmaux.datasets.conversion.nyud import choose_splits, convert_nyud
from mmaux.datasets.nyuv2 import nyuv2_facts

REPOSITORY = Path(__file__).parents[3]
REAL = REPOSITORY.parent / "shared" / "data" / "nyud_sample"


def read(path: Path) -> np.ndarray:
    array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return array[..., ::-1] if array.ndim == 3 else array


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def unit(codes: np.ndarray) -> np.ndarray:
    return codes.astype(np.float64) / 32767.5 - 1


def test_numbers_of_an_analytic_scene(make_mat, splits_json: Path, tmp_path: Path) -> None:
    scene = make_mat()
    out = tmp_path / "out"
    summary = convert_nyud(scene.path, out, splits=splits_json)
    assert (summary.frames, summary.skipped, summary.splits) == (3, 0, {"train": 2, "test": 1})
    table = np.array([0, *nyuv2_facts()["map894to40"]])
    for index in range(3):
        stem = f"{index + 1:04d}.png"
        np.testing.assert_array_equal(read(out / "image" / stem), scene.images[index])
        for folder, truth in (("depth", scene.depths), ("depth_raw", scene.raw)):
            depth = read(out / folder / stem)
            assert depth.dtype == np.uint16
            assert np.abs(depth / 1000 - truth[index]).max() < 0.00051
        label = read(out / "label" / stem)
        assert label.dtype == np.uint8
        wanted = np.where(scene.labels[index] == 0, 255, table[scene.labels[index]] - 1)
        np.testing.assert_array_equal(label, wanted)

        codes = read(out / "normal" / stem)
        assert codes.dtype == np.uint16
        hole = scene.raw[index] == 0
        assert hole.any()
        assert (codes[hole] == 0).all()
        valid = codes.any(axis=-1)
        assert valid[~hole].mean() > 0.97
        wall = scene.on_wall[index].astype(np.uint8)
        window = np.ones((17, 17), np.uint8)
        away_from_crease = cv2.erode(wall, window) == cv2.dilate(wall, window)
        normals, truth = unit(codes), scene.normals[index]
        sine = np.linalg.norm(np.cross(normals, truth), axis=-1)
        angle = np.degrees(np.arctan2(sine, (normals * truth).sum(-1)))
        assert (valid & away_from_crease).mean() > 0.5
        assert angle[valid & away_from_crease].max() < 0.2
    # 0 unlabelled, 1 book -> 40 otherprop, 21 wall -> 1, 894 -> 40
    assert read(out / "label" / "0001.png")[0, [0, 2]].tolist() == [255, 0]


def test_lists_and_meta(make_mat, splits_json: Path, tmp_path: Path) -> None:
    convert_nyud(make_mat().path, tmp_path / "out", splits=splits_json, classes=13)
    assert (tmp_path / "out/splits/train.txt").read_text() == "0001\n0003\n"
    assert (tmp_path / "out/splits/test.txt").read_text() == "0002\n"
    meta = json.loads((tmp_path / "out/meta.json").read_text())
    assert meta["dataset"] == "NYUv2"
    assert meta["classes"] == nyuv2_facts()["classes13"]
    assert meta["depth_scale"] == 1000
    assert meta["image_size"] == [96, 128]
    assert meta["intrinsics"][0][0] == pytest.approx(518.857901 / 5)
    assert "raw" in meta["normal_method"]["about"]
    assert {"normal_axes", "source", "mmaux_version", "conversion"} <= set(meta)
    assert (
        read(tmp_path / "out/label/0001.png")[read(tmp_path / "out/label/0001.png") < 255].max()
        < 13
    )


def test_workers_change_nothing(make_mat, splits_json: Path, tmp_path: Path) -> None:
    path = make_mat().path
    convert_nyud(path, tmp_path / "one", splits=splits_json)
    convert_nyud(path, tmp_path / "many", splits=splits_json, workers=3)
    one = files_of(tmp_path / "one")
    assert len(one) == 3 * 5 + 3
    assert one == files_of(tmp_path / "many")


def test_second_run_skips_and_restores(make_mat, splits_json: Path, tmp_path: Path) -> None:
    path, out = make_mat().path, tmp_path / "out"
    convert_nyud(path, out, splits=splits_json)
    before = files_of(out)
    kept = (out / "normal/0001.png").stat().st_mtime_ns
    (out / "normal/0002.png").unlink()
    assert convert_nyud(path, out, splits=splits_json).skipped == 2
    assert files_of(out) == before
    assert (out / "normal/0001.png").stat().st_mtime_ns == kept
    other = tmp_path / "other.json"
    other.write_text('{"train": [2], "test": [1]}')
    assert convert_nyud(path, out, splits=other).skipped == 3
    assert (out / "splits/train.txt").read_text() == "0002\n"


def test_killed_run_continues_to_the_same_result(make_mat, tmp_path: Path) -> None:
    frames = 60
    path, out = make_mat(frames).path, tmp_path / "out"
    splits = tmp_path / "s.json"
    splits.write_text(json.dumps({"train": list(range(2, frames + 1)), "test": [1]}))
    kill_when_exists(
        out / "image" / "0005.png",
        "dataset_converters/nyud.py",
        *(path, "--out", out, "--splits", splits, "--workers", "2"),
    )
    done = [p for p in (out / "normal").glob("*.png") if not p.name.startswith(".")]
    assert 0 < len(done) < frames
    assert not (out / "meta.json").exists()
    assert not list((out / "splits").iterdir())
    half = out / "image" / f".{frames:04d}.png.1.tmp"
    half.write_bytes(b"\x89PNG half")

    summary = convert_nyud(path, out, splits=splits)
    assert 0 < summary.skipped < frames
    convert_nyud(path, tmp_path / "whole", splits=splits)
    resumed = files_of(out)
    assert len(resumed) == frames * 5 + 3
    assert resumed == files_of(tmp_path / "whole")


def test_bad_frame_stops_and_what_was_done_counts(
    make_mat, splits_json: Path, tmp_path: Path
) -> None:
    depths = np.full((3, 96, 128), 2.0, np.float32)
    depths[2, 5, 5] = np.nan
    scene = make_mat(depths=depths)
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=r"nyu\.mat: 'depths' of frame 3 is NaN"):
        convert_nyud(scene.path, out, splits=splits_json)
    assert (out / "normal/0002.png").exists()
    assert not (out / "image/0003.png").exists()
    assert not (out / "meta.json").exists()


def test_depth_beyond_16_bits_names_the_frame(make_mat, splits_json: Path, tmp_path: Path) -> None:
    scene = make_mat(depths=np.full((3, 96, 128), 2000.0, np.float32))
    with pytest.raises(ValueError, match=r"nyu\.mat: frame 1: depth: .*65\.535 m"):
        convert_nyud(scene.path, tmp_path / "out", splits=splits_json)


def test_another_number_of_classes_or_source(make_mat, splits_json: Path, tmp_path: Path) -> None:
    scene = make_mat()
    convert_nyud(scene.path, tmp_path / "out", splits=splits_json)
    with pytest.raises(ValueError, match="classes = 40; this one has classes = 13"):
        convert_nyud(scene.path, tmp_path / "out", splits=splits_json, classes=13)
    other = make_mat(4, name="other.mat")
    with pytest.raises(ValueError, match="already holds a conversion with source = "):
        convert_nyud(other.path, tmp_path / "out", splits=splits_json)


def test_default_split_is_for_the_official_file_only(make_mat, tmp_path: Path) -> None:
    assert choose_splits(None, frames=1449)["test"] == nyuv2_facts()["test_ids"]
    with pytest.raises(ValueError, match=r"has 3 frames.*1449.*--splits FILE"):
        convert_nyud(make_mat().path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("train", "message"), [([0, 1], "count from 0"), ([1, 4], "frame 4"), ([], "empty")]
)
def test_splits_that_do_not_fit_write_nothing(
    make_mat, tmp_path: Path, train: list[int], message: str
) -> None:
    splits = tmp_path / "s.json"
    splits.write_text(json.dumps({"train": train, "test": [1]}))
    with pytest.raises(ValueError, match=message):
        convert_nyud(make_mat().path, tmp_path / "out", splits=splits)
    assert not (tmp_path / "out").exists()


def test_workers_are_positive(make_mat, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="workers"):
        convert_nyud(make_mat().path, tmp_path / "out", workers=0)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real frame is not here")
def test_real_frame(tmp_path: Path) -> None:
    convert_nyud(REAL / "nyu_depth_v2_labeled.mat", tmp_path, splits=REAL / "splits_sample.mat")
    label, raw = read(tmp_path / "label/0001.png"), read(tmp_path / "depth_raw/0001.png")
    normals = unit(read(tmp_path / "normal/0001.png"))
    valid = read(tmp_path / "normal/0001.png").any(axis=-1)
    names = nyuv2_facts()["classes40"]
    assert {names[i] for i in np.unique(label) if i != 255} >= {"wall", "floor", "sofa", "lamp"}
    assert not valid[raw == 0].any()
    assert valid[raw > 0].mean() > 0.99
    # The floor is level and points up; the wall stands.
    floor = normals[valid & (label == names.index("floor"))].mean(axis=0)
    wall = normals[valid & (label == names.index("wall"))].mean(axis=0)
    assert floor[1] < -0.75
    assert abs(floor @ wall) / np.linalg.norm(floor) / np.linalg.norm(wall) < 0.2
