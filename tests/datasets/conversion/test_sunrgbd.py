import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from killed_runs import kill_when_exists
from sunrgbd_official import NAMES, TEST, TRAIN, Official, image_name, write_labels, write_official

from mmaux.datasets import SUNRGBDDataset, SUNRGBDDataset13
from mmaux.datasets.conversion.sunrgbd import convert_sunrgbd
from mmaux.datasets.sunrgbd import sunrgbd_facts

REPOSITORY = Path(__file__).parents[3]
REAL = REPOSITORY.parent / "shared" / "data" / "sunrgbd_sample"
STEMS = [name.replace("/", "__") for name in NAMES]


def read(path: Path) -> np.ndarray:
    array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return array[..., ::-1] if array.ndim == 3 else array


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Official:
    return write_official(tmp_path_factory.mktemp("official"))


@pytest.fixture(scope="module")
def converted(official: Official, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("converted") / "sunrgbd"
    summary = convert_sunrgbd(official.root, out, toolbox=official.toolbox)
    assert (summary.frames, summary.skipped, summary.splits) == (5, 0, {"train": 3, "test": 2})
    return out


def test_numbers_of_an_analytic_scene(official: Official, converted: Path) -> None:
    scene = official.scene
    for name, stem, labels in zip(NAMES, STEMS, official.labels, strict=True):
        source = official.folder(name) / "image" / image_name(name)
        assert (converted / f"image/{stem}.jpg").read_bytes() == source.read_bytes()
        label = read(converted / f"label/{stem}.png")
        assert label.dtype == np.uint8
        np.testing.assert_array_equal(label, np.where(labels == 0, 255, labels - 1))
        truth = np.rint(scene.depth * 1000)
        truth[:12, :40] = 8000  # 9 m, clipped
        depth = read(converted / f"depth/{stem}.png")
        assert depth.dtype == np.uint16
        np.testing.assert_array_equal(depth, truth)
        truth[20:30, 40:60] = 0
        np.testing.assert_array_equal(read(converted / f"depth_raw/{stem}.png"), truth)

        codes = read(converted / f"normal/{stem}.png")
        unmeasured = (truth == 0) | (truth >= 8000)
        assert unmeasured.sum() == 680
        assert not codes[unmeasured].any()
        valid = codes.any(axis=-1)
        assert valid[~unmeasured].mean() > 0.9
        normals = codes.astype(float) / 32767.5 - 1
        inner = cv2.erode((scene.labels == 1).astype(np.uint8), np.ones((17, 17))) > 0  # back wall
        inner[:20] = False  # the windows that reach the clipped corner
        angle = np.degrees(np.arccos(np.clip(-normals[..., 2], -1, 1)))
        assert (inner & valid).sum() > 300
        assert angle[inner & valid].max() < 0.3
        camera = np.loadtxt(converted / f"intrinsics/{stem}.txt")
        np.testing.assert_allclose(camera, scene.intrinsics, atol=1e-6)


def test_lists_and_meta(converted: Path) -> None:
    for split, names in (("train", TRAIN), ("test", TEST)):
        lines = (converted / f"splits/{split}.txt").read_text().splitlines()
        assert lines == [name.replace("/", "__") for name in names]
    meta = json.loads((converted / "meta.json").read_text())
    assert meta["dataset"] == "SUN RGB-D"
    assert meta["classes"] == sunrgbd_facts()["classes37"]
    assert meta["depth_scale"] == 1000
    assert "clipped at 8 m" in meta["depth"]
    assert {"normal_axes", "normal_method", "source", "mmaux_version"} <= set(meta)
    assert not (converted / ".converting.json").exists()


def test_the_data_set_reads_it(official: Official, converted: Path, tmp_path: Path) -> None:
    pipeline = [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmaux.LoadTargets"},
        {"type": "mmaux.PackMultiTaskInputs"},
    ]
    options = {"ann_file": "splits/test.txt", "targets": ("semseg", "depth", "normal")}
    dataset = SUNRGBDDataset(data_root=str(converted), pipeline=pipeline, **options)
    assert len(dataset) == 2
    sample = dataset[1]["data_samples"]
    labels = official.labels[NAMES.index(TEST[1])]
    np.testing.assert_array_equal(sample.gt_sem_seg.data[0], np.where(labels == 0, 255, labels - 1))
    assert sample.gt_depth_map.data.max() == 8
    np.testing.assert_allclose(sample.metainfo["intrinsics"], official.scene.intrinsics, atol=1e-6)
    with pytest.raises(ValueError, match=r"converted with 37 classes.* SUNRGBDDataset13 .* for 13"):
        SUNRGBDDataset13(data_root=str(converted), **options)


def test_thirteen_classes(official: Official, tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert_sunrgbd(official.root, out, toolbox=official.toolbox, classes=13)
    table = np.array([256, *sunrgbd_facts()["map37to13"]]) - 1
    for stem, labels in zip(STEMS, official.labels, strict=True):
        np.testing.assert_array_equal(read(out / f"label/{stem}.png"), table[labels])
    # 0 unlabelled, 1 wall, 22 ceiling, 37 bag (objects)
    names = sunrgbd_facts()["classes13"]
    first = read(out / f"label/{STEMS[0]}.png")[0, :4].tolist()
    assert first == [255, *map(names.index, ("wall", "ceiling", "objects"))]
    assert len(SUNRGBDDataset13(data_root=str(out), targets=("semseg",))) == 5


def test_a_frame_without_labels(official: Official, converted: Path, tmp_path: Path) -> None:
    partly, out = write_official(tmp_path / "partly", unlabelled=3), tmp_path / "out"
    convert_sunrgbd(partly.root, out, toolbox=partly.toolbox, workers=2)
    found, whole = files_of(out), files_of(converted)
    assert whole.keys() - found.keys() == {f"label/{STEMS[3]}.png"}
    assert convert_sunrgbd(partly.root, out, toolbox=partly.toolbox).skipped == 5
    options = {"data_root": str(out), "targets": ("semseg", "depth")}
    with pytest.raises(ValueError, match="missing semseg target"):
        SUNRGBDDataset(**options)
    dataset = SUNRGBDDataset(allow_missing=("semseg",), **options)
    assert dataset.count_targets() == {"semseg": 4, "depth": 5}


def test_without_the_toolbox(official: Official, converted: Path, tmp_path: Path) -> None:
    summary = convert_sunrgbd(official.root, tmp_path / "out", toolbox=None)
    assert summary.splits == {"all": 5}
    found, whole = files_of(tmp_path / "out"), files_of(converted)
    labels = {name for name in whole if name.startswith("label/")}
    assert found.keys() == whole.keys() - labels - {"splits/train.txt", "splits/test.txt"} | {
        "splits/all.txt"
    }
    for name in found.keys() & whole.keys() - {"meta.json"}:
        assert found[name] == whole[name], name
    assert found["splits/all.txt"].decode().splitlines() == sorted(STEMS)


def test_second_run_skips_and_restores(official: Official, converted: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    convert_sunrgbd(official.root, out, toolbox=official.toolbox, workers=3)
    whole = files_of(converted)
    assert files_of(out) == whole
    for name in (f"label/{STEMS[0]}.png", f"intrinsics/{STEMS[1]}.txt"):
        (out / name).unlink()
    assert convert_sunrgbd(official.root, out, toolbox=official.toolbox).skipped == 3
    assert files_of(out) == whole


def test_another_conversion_is_refused(official: Official, converted: Path) -> None:
    with pytest.raises(ValueError, match="classes = 37; this one has classes = 13"):
        convert_sunrgbd(official.root, converted, toolbox=official.toolbox, classes=13)
    with pytest.raises(ValueError, match="this one has source = folders alone"):
        convert_sunrgbd(official.root, converted, toolbox=None)


def test_killed_run_continues_to_the_same_result(
    official: Official, converted: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    kill_when_exists(
        out / "image" / f"{STEMS[1]}.jpg",
        "dataset_converters/sunrgbd.py",
        *(official.root, "--toolbox", official.toolbox, "--out", out, "--workers", "1"),
    )
    assert not (out / "meta.json").exists()
    (out / "label" / f".{STEMS[4]}.png.1.tmp").write_bytes(b"\x89PNG half")
    assert 1 <= convert_sunrgbd(official.root, out, toolbox=official.toolbox).skipped < 5
    assert files_of(out) == files_of(converted)


def test_incomplete_folders_write_nothing(tmp_path: Path) -> None:
    broken, out = write_official(tmp_path), tmp_path / "out"
    (broken.folder(NAMES[2]) / "intrinsics.txt").unlink()
    (broken.folder(NAMES[4]) / "intrinsics.txt").unlink()
    with pytest.raises(ValueError, match=r"073/intrinsics\.txt: no such file \(2 of 5 frames"):
        convert_sunrgbd(broken.root, out, toolbox=broken.toolbox)
    with pytest.raises(ValueError, match=r"nowhere: no such folder; .*SUNRGBD\.zip"):
        convert_sunrgbd(tmp_path / "nowhere", out, toolbox=broken.toolbox)
    with pytest.raises(ValueError, match="workers"):
        convert_sunrgbd(broken.root, out, toolbox=broken.toolbox, workers=0)
    assert not out.exists()


def test_labels_of_fewer_frames_than_the_toolbox_lists(tmp_path: Path) -> None:
    cut = write_official(tmp_path)
    write_labels(cut.toolbox / "Metadata/SUNRGBD2Dseg.mat", cut.labels[:3])
    with pytest.raises(ValueError, match=r"2Dseg\.mat: labels of 3 frames.*at least 5"):
        convert_sunrgbd(cut.root, tmp_path / "out", toolbox=cut.toolbox)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real frames are not here")
def test_real_frames(tmp_path: Path) -> None:
    convert_sunrgbd(REAL, tmp_path, toolbox=None, classes=13)
    stem = "2014-12-18_11-31-54_260595134347"
    depth, raw = read(tmp_path / f"depth/{stem}.png"), read(tmp_path / f"depth_raw/{stem}.png")
    assert (depth > 0).all()
    assert 0.8 < (raw > 0).mean() < 0.9
    assert 500 < depth.min() < depth.max() < 4000
    assert np.abs(depth.astype(int) - raw)[raw > 0].max() < 8  # refined only where it was empty
    codes = read(tmp_path / f"normal/{stem}.png")
    normals, valid = codes / 32767.5 - 1, codes.any(axis=-1)
    assert valid[raw > 0].mean() > 0.99
    # The carpet in the middle of the lower half points up.
    carpet = normals[400:500, 250:450][valid[400:500, 250:450]]
    assert carpet[:, 1].mean() < -0.75
    assert (carpet @ carpet.mean(axis=0)).min() > 0.7
