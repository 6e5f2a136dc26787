"""Pipelines, loaders and transforms on the analytic room."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import set_random_seed
from room_folder import write_room
from scenes import CLASSES
from small_runs import CONFIGS

pytest.importorskip("psutil")

from mmaux.benchmarking.input_size import with_training_size
from mmaux.benchmarking.loader_speed import run_loader
from mmaux.benchmarking.pipelines import mmseg_dataset, multi_task_dataset
from mmaux.benchmarking.transform_times import time_target_files, time_transforms
from mmaux.utils.files import atomic_write


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    with atomic_write(root / "meta.json", "w") as file:
        file.write(f'{{"depth_scale": 1000, "classes": {list(CLASSES)!r}}}'.replace("'", '"'))
    config = with_training_size(Config.fromfile(CONFIGS / "joint_all_mbv2_nyud.py"), (64, 80))
    return mmseg_dataset(config, str(root)), multi_task_dataset(config, str(root))


def test_both_pipelines_make_the_same_image_and_labels(datasets: tuple) -> None:
    """The same settings and random numbers: the same resizing, crop and flip."""
    theirs, ours = datasets
    assert len(theirs) == len(ours) == 3
    for index in range(3):
        samples = []
        for dataset in datasets:
            set_random_seed(index)
            samples.append(dataset[index])
        first, second = samples
        assert np.array_equal(first["inputs"], second["inputs"])
        labels = [sample["data_samples"].gt_sem_seg.data for sample in samples]
        assert np.array_equal(*labels)
        assert "gt_normal_map" in second["data_samples"]
        assert "gt_normal_map" not in first["data_samples"]


def test_images_of_two_suffixes(datasets: tuple, tmp_path: Path) -> None:
    write_room(tmp_path / "room")
    (tmp_path / "room/image/b1.png").rename(tmp_path / "room/image/b1.jpg")
    config = Config.fromfile(CONFIGS / "joint_all_mbv2_nyud.py")
    with pytest.raises(ValueError, match=r"one suffix, found \['\.jpg', '\.png'\]"):
        mmseg_dataset(config, str(tmp_path / "room"))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_run(datasets: tuple, workers: int) -> None:
    run = run_loader(datasets[1], workers=workers, batch_size=2, samples=3)
    assert run.seconds > 0
    assert (run.worker_bytes > 2**20) == bool(workers)


def test_a_loader_without_samples(datasets: tuple) -> None:
    with pytest.raises(ValueError, match="found 0, 2 and 0"):
        run_loader(datasets[0], workers=0, batch_size=2, samples=0)


def test_times_by_transform_and_by_target(datasets: tuple) -> None:
    times = time_transforms(datasets[1], range(3))
    assert list(times)[:2] == ["LoadImageFromFile", "LoadTargets"]
    assert list(times)[-1] == "PackMultiTaskInputs"
    assert all(seconds > 0 for seconds in times.values())
    assert set(time_target_files(datasets[1], [0])) == {"semseg", "depth", "normal"}


def test_a_transform_that_occurs_twice_is_numbered(datasets: tuple) -> None:
    pipeline = datasets[0].pipeline
    flip = pipeline.transforms[4]
    pipeline.transforms.insert(4, flip)
    try:
        names = list(time_transforms(datasets[0], [0]))
    finally:
        pipeline.transforms.pop(4)
    assert names[4:6] == ["4 RandomFlip", "5 RandomFlip"]
