import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from room_folder import SIZE, config_of, pipeline, write_normals, write_room
from scenes import Scene
from step_of_ones_own import as_ones_own

TOOL = Path(__file__).parents[2] / "tools" / "check_data.py"
AXES = "expected camera axes x right, y down, z away from the camera"


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., tuple[int, list[str]]]:
    """Run the tool; the exit status and the lines after the one that names the panels' folder."""

    def run(config: dict, *arguments: str) -> tuple[int, list[str]]:
        path = tmp_path / "room.py"
        path.write_text("".join(f"{key} = {value!r}\n" for key, value in config.items()))
        out = str(tmp_path / "out")
        command = ["check_data.py", str(path), "--out", out, "--num-panels", "0", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        run.printed = captured.out
        lines = captured.out.splitlines()
        first = [i for i, line in enumerate(lines) if line.endswith(f"panels in {out}")]
        return stopped.value.code, lines[first[0] + 1 :] if first else captured.err.splitlines()

    return run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "room"


@pytest.fixture
def room(root: Path) -> Scene:
    return write_room(root)


def test_a_clean_folder_has_no_problem(root: Path, room: Scene, check: Callable) -> None:
    status, lines = check(config_of(root))
    assert (status, lines) == (0, ["no problems in 5 samples"])
    for expected in ("0 classes never occur", "min / median / max", "3 of 3 samples looked at"):
        assert expected in check.printed


def test_panels_of_raw_and_augmented_samples(
    root: Path, room: Scene, check: Callable, tmp_path: Path
) -> None:
    check(config_of(root), "--num-panels", "2", "--max-samples", "2")
    written = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    train = [f"train_{stem}_{kind}.png" for stem in ("a0", "a2") for kind in ("augmented", "raw")]
    assert written == ["test_b0_raw.png", "test_b1_raw.png", *train]
    panel = cv2.imread(str(tmp_path / "out" / "train_a0_raw.png"))
    assert panel is not None
    assert panel.std() > 10


def _wrong_size_label(root: Path, room: Scene) -> str:
    path = root / "label" / "a1.png"
    cv2.imwrite(str(path), room.labels[:-1])
    return (
        f"{path}: the semseg target is 95x128, expected 96x128 (height x width) as its image "
        f"{root}/image/a1.png; convert one of them again."
    )


def _class_id_out_of_range(root: Path, room: Scene) -> str:
    path = root / "label" / "b0.png"
    cv2.imwrite(str(path), np.where(room.labels == 2, 9, room.labels).astype(np.uint8))
    return (
        f"{path}: class ids [9] are out of range; the data set has 5 classes, ids 0..4 and 255 for "
        "ignore. Check the classes in the config or convert the labels again."
    )


def _depth_as_npy(root: Path, stem: str, depth: np.ndarray) -> Path:
    (root / "depth" / f"{stem}.png").unlink()
    path = root / "depth" / f"{stem}.npy"
    np.save(path, depth)
    return path


def _nan_depth(root: Path, room: Scene) -> str:
    depth = room.depth.copy()
    depth[3, 4:6] = np.nan
    path = _depth_as_npy(root, "a2", depth)
    return f"{path}: 2 depth values are NaN or infinite; write 0 where there is no measurement."


def _negative_depth(root: Path, room: Scene) -> str:
    depth = room.depth.copy()
    depth[3, 4] = -0.5
    path = _depth_as_npy(root, "a2", depth)
    return (
        f"{path}: negative depth (-0.5 m); depth is in metres along the optical axis and 0 where "
        "there is no measurement."
    )


def _millimetres_in_npy(root: Path, room: Scene) -> str:
    path = _depth_as_npy(root, "a0", room.depth * 1000)
    median = np.median(room.depth)
    return (
        f"{path}: wrong depth scale? The median is {median * 1000:.4g} m, expected 0.05 to 50 m; "
        f"divided by 1000 it would be {median:.3g} m; write metres."
    )


def _truncated_png(root: Path, room: Scene) -> str:
    path = root / "image" / "a1.png"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return (
        f"{path}: the image is truncated (it breaks off after {len(content) // 2} bytes); copy or "
        "convert it again."
    )


def _missing_target(root: Path, room: Scene) -> str:
    path = root / "depth" / "b1.png"
    path.unlink()
    return (
        f"{path}: missing depth target; restore the file, leave the task out of targets, or accept "
        "partly labelled data with allow_missing=('depth',)."
    )


def _depth_of_another_suffix(root: Path, room: Scene) -> str:
    path = root / "depth" / "b1.png"
    path.rename(path.with_suffix(".tiff"))
    return (
        f"{path}: missing depth target; convert b1.tiff, which lies there, to the accepted .png or "
        ".npy, leave the task out of targets, or accept partly labelled data with "
        "allow_missing=('depth',)."
    )


def _no_depth_folder(root: Path, room: Scene) -> str:
    (root / "depth").rename(root / "depth_dir")
    return (
        f"{root}/depth: no such folder of depth targets; name the folder of these files, "
        f"targets=dict(depth=dict(folder=...)) ({root} holds the folders depth_dir, image, label, "
        "normal, scene, splits), leave the task out of targets, or accept partly labelled data "
        "with allow_missing=('depth',)."
    )


def _no_image_folder(root: Path, room: Scene) -> str:
    (root / "image").rename(root / "img_dir")
    return (
        f"{root}/image: no such image folder; {root} holds the folders depth, img_dir, label, "
        "normal, scene, splits: set image_folder=..., and the targets' folder=... likewise; "
        "nothing of this list is looked at before that is corrected."
    )


def _list_of_file_names(root: Path, room: Scene) -> str:
    path = root / "splits" / "test.txt"
    path.write_text("b0.png\nb1.png\n")
    return (
        f"{path}: found 'b0.png', expected 'b0': list stems, without suffix; nothing of this list "
        "is looked at before that is corrected."
    )


def _depth_in_8_bits(root: Path, room: Scene) -> str:
    path = root / "depth" / "a1.png"
    cv2.imwrite(str(path), np.clip(room.depth * 50, 0, 255).astype(np.uint8))
    return (
        f"{path}: depth in 8 bits, expected 16: at 1000 units per metre no depth beyond 0.255 m "
        "fits; write 16-bit PNG, or set the depth_scale of these 8 bits (25.5 for 10 m)."
    )


def _missing_image(root: Path, room: Scene) -> str:
    (root / "image" / "a0.png").unlink()
    return (
        f"{root}/image/a0: no image with any of the suffixes ('.jpg', '.png', '.jpeg'); restore "
        f"it, or remove the sample from {root}/splits/train.txt."
    )


def _empty_split(root: Path, room: Scene) -> str:
    (root / "splits" / "test.txt").write_text("\n")
    return (
        f"{root}/splits/test.txt: the split is empty (no sample listed); check ann_file and "
        "data_root."
    )


def _leak(root: Path, room: Scene) -> str:
    (root / "splits" / "test.txt").write_text("b0\na1\n")
    return (
        f"{root}/splits/test.txt: 1 of 2 samples of test are in the train split too (first: a1), "
        f"expected none; remove them here or from {root}/splits/train.txt."
    )


DEFECTS = (
    _wrong_size_label,
    _class_id_out_of_range,
    _nan_depth,
    _negative_depth,
    _millimetres_in_npy,
    _truncated_png,
    _missing_target,
    _depth_of_another_suffix,
    _no_depth_folder,
    _no_image_folder,
    _list_of_file_names,
    _depth_in_8_bits,
    _missing_image,
    _empty_split,
    _leak,
)


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_one_line(
    defect: Callable[[Path, Scene], str], root: Path, room: Scene, check: Callable
) -> None:
    expected = defect(root, room)
    status, lines = check(config_of(root))
    assert status == 1
    assert lines[:-1] == [expected]
    assert lines[-1].startswith("1 problem in ")


@pytest.mark.parametrize(
    ("signs", "cause", "fix"),
    [
        ((-1, 1, 1), "flipped without negating x", "negate x"),
        ((-1, -1, -1), "point into the surface", "negate x, y and z"),
        ((1, -1, 1), "y axis up convention", "negate y"),
        ((1, -1, -1), "y up, z to the camera (OpenGL axes)", "negate y and z"),
    ],
)
def test_one_file_with_wrong_axes_is_found_and_explained(
    signs: tuple[int, int, int],
    cause: str,
    fix: str,
    root: Path,
    room: Scene,
    check: Callable,
) -> None:
    path = root / "normal" / "a1.png"
    write_normals(path, room.normals * np.array(signs))
    status, lines = check(config_of(root))
    assert status == 1
    assert len(lines) == 2
    assert lines[0].startswith(f"{path}: normals: {cause}: median angle to the depth's normals ")
    assert lines[0].endswith(f"if repaired; {AXES}; {fix} in this file.")


def test_every_bad_file_is_reported_not_only_the_first(
    root: Path, room: Scene, check: Callable
) -> None:
    defects = [_wrong_size_label, _class_id_out_of_range, _nan_depth, _missing_target]
    expected = {defect(root, room) for defect in defects}
    status, lines = check(config_of(root))
    assert status == 1
    assert set(lines[:-1]) == expected
    assert lines[-1] == "4 problems in 5 samples"


def test_wrong_scale_of_all_files(root: Path, room: Scene, check: Callable) -> None:
    targets = {"semseg": {}, "depth": {"scale": 10.0}, "normal": {}}
    status, lines = check(config_of(root, targets=targets), "--split", "train")
    assert status == 1
    assert lines[-1] == "3 problems in 3 samples"
    assert lines[0].startswith(f"{root}/depth/a0.png: wrong depth scale? The median is ")
    assert lines[0].endswith("to the units per metre, 1000?")


def test_allowed_missing_targets_are_no_problem(root: Path, room: Scene, check: Callable) -> None:
    for stem in ("a0", "a1", "a2"):
        (root / "normal" / f"{stem}.png").unlink()
    (root / "label" / "a1.png").unlink()
    status, lines = check(config_of(root, allow_missing=("normal", "semseg")), "--split", "train")
    assert (status, lines) == (0, ["no problems in 3 samples"])
    assert "note: train: no sample has a usable normal target" in check.printed
    assert "2 of 3 samples, 1 without" in check.printed


@pytest.mark.parametrize("prob", [1.0, 0.5])
def test_a_pipeline_that_flips_without_negating_x(
    prob: float, root: Path, room: Scene, check: Callable, tmp_path: Path
) -> None:
    flip = as_ones_own({"type": "mmseg.RandomFlip", "prob": prob})
    status, lines = check(config_of(root, pipeline=pipeline(flip)))
    assert status == 1
    assert lines[-1] == "1 problem in 5 samples"
    start = f"{tmp_path}/room.py (train pipeline): normals: flipped without negating x: "
    assert lines[0].startswith(start)
    assert "of 18 augmented samples, first " in lines[0]
    assert f"{root}/image/a" in lines[0]


def test_a_pipeline_that_does_not_divide_depth(
    root: Path, room: Scene, check: Callable, tmp_path: Path
) -> None:
    resize = as_ones_own({"type": "mmseg.Resize", "scale_factor": 1.5})
    _, lines = check(config_of(root, pipeline=pipeline(resize)))
    assert lines[-1] == "1 problem in 5 samples"
    start = f"{tmp_path}/room.py (train pipeline): depth is not divided by the resize factor "
    assert lines[0].startswith(start)


def test_transforms_that_leave_targets_behind(root: Path, room: Scene, check: Callable) -> None:
    resize = {"type": "mmseg.Resize", "scale_factor": 1.5}
    status, lines = check(config_of(root, pipeline=pipeline(resize)))
    assert status == 2
    assert lines[-1].startswith("error: pipeline: mmseg.Resize is for labels and leaves depth, ")


def test_a_pipeline_that_fails(root: Path, room: Scene, check: Callable, tmp_path: Path) -> None:
    resize = {"type": "mmaux.Resize", "scale": (128, 48), "keep_ratio": False}
    _, lines = check(config_of(root, pipeline=pipeline(resize)))
    assert lines[-1] == "1 problem in 5 samples"
    assert lines[0].startswith(f"{tmp_path}/room.py (train pipeline): fails with ValueError: ")
    assert "stretches the picture" in lines[0]


def test_the_paper_s_augmentation_is_clean(root: Path, room: Scene, check: Callable) -> None:
    transforms = (
        {
            "type": "mmcv.RandomResize",
            "resize_type": "mmaux.Resize",
            "scale": SIZE[::-1],
            "ratio_range": (0.7, 2.1),
            "keep_ratio": True,
        },
        {"type": "mmaux.RandomCrop", "crop_size": (80, 80)},
        {"type": "mmaux.RandomFlip", "prob": 0.5},
        {"type": "mmaux.RandomRotate", "prob": 0.5, "degree": 20},
    )
    assert check(config_of(root, pipeline=pipeline(*transforms)))[0] == 0


def test_without_a_camera_a_field_of_view_is_assumed(root: Path, check: Callable) -> None:
    scene = write_room(root, with_camera=False)
    assert check(config_of(root))[0] == 0
    assert "a field of view of 60 degrees assumed" in check.printed
    write_normals(root / "normal" / "a1.png", scene.normals * np.array([-1, 1, 1]))
    _, lines = check(config_of(root))
    assert lines[-1] == "1 problem in 5 samples"
    assert "normals: flipped without negating x" in lines[0]
    assert "camera unknown" in lines[0]


def test_long_lists_are_cut_on_screen_but_not_in_the_file(
    root: Path, check: Callable, tmp_path: Path
) -> None:
    write_room(root)
    (root / "splits" / "train.txt").write_text("".join(f"none{i:02d}\n" for i in range(30)))
    status, lines = check(config_of(root), "--split", "train")
    full_list = tmp_path / "out" / "problems.txt"
    assert status == 1
    assert len(lines) == 22
    assert lines[-2] == f"... and 10 more like this (missing), see {full_list}"
    assert lines[-1] == "30 problems in 0 samples"
    assert len(full_list.read_text().splitlines()) == 30


def test_wrappers_are_looked_through(root: Path, room: Scene, check: Callable) -> None:
    config = config_of(root)
    leaf = config["train_dataloader"]["dataset"]
    inner = {"type": "mmengine.RepeatDataset", "times": 5, "dataset": leaf}
    config["train_dataloader"]["dataset"] = {"type": "mmengine.ConcatDataset", "datasets": [inner]}
    write_normals(root / "normal" / "a2.png", -room.normals)
    _, lines = check(config)
    assert lines[0].startswith(f"{root}/normal/a2.png: normals: point into the surface")
    assert lines[-1] == "1 problem in 5 samples"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": ("semseg", "dept")}, "unknown task 'dept'"),
        ({"type": "mmseg.CityscapesDataset"}, "train_dataloader.dataset"),
    ],
)
def test_a_config_that_cannot_be_used(
    change: dict, message: str, root: Path, room: Scene, check: Callable
) -> None:
    status, errors = check(config_of(root, **change))
    assert status == 2
    assert message in errors[0]


def test_cfg_options_override(root: Path, room: Scene, check: Callable) -> None:
    config = config_of(root / "elsewhere")
    key = "dataloader.dataset.data_root"
    options = [f"{split}_{key}={root}" for split in ("train", "test")]
    assert check(config, "--cfg-options", *options)[0] == 0
