"""A sample's image and targets, loaded one by one so that a bad file hides no other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmengine import fileio

from mmaux.datasets.image_file import read_image_file
from mmaux.datasets.missing_files import fix_of_missing_target, missing_target_folder
from mmaux.datasets.multi_task_dataset import MultiTaskDataset
from mmaux.datasets.targets import DenseTarget, Target
from mmaux.geometry.camera import as_intrinsics

from .problem import Problem, problem_of_error


@dataclass(frozen=True)
class ListedSample:
    """A sample as its data set lists it: paths, no arrays."""

    dataset: MultiTaskDataset
    info: dict[str, Any]

    @property
    def image_path(self) -> str:
        """File of the image."""
        return self.info["img_path"]


@dataclass(frozen=True)
class LoadedSample:
    """Arrays of a sample, raw or augmented.

    Attributes:
        image: RGB uint8 (H, W, 3), or None if it could not be read.
        arrays: Target arrays by task, (H, W) or (H, W, C), as :meth:`Target.load` gives them.
        paths: Their files, to be named in problems.
        targets: The data set's targets by task.
        intrinsics: Camera matrix 3x3 of the image, or None if it is not known.
        missing: Tasks without a file.
        failed: Tasks whose file could not be used.
        backend_args: Arguments of mmengine's file backend that the files were read with.
    """

    image: np.ndarray | None
    arrays: dict[str, np.ndarray]
    paths: dict[str, str]
    targets: Mapping[str, Target]
    intrinsics: np.ndarray | None = None
    missing: tuple[str, ...] = ()
    failed: tuple[str, ...] = field(default=())
    backend_args: dict[str, Any] | None = None


def load_sample(sample: ListedSample) -> tuple[LoadedSample, list[Problem]]:
    """Load image and targets with the targets' own ``load``; every failure becomes a problem."""
    dataset, info = sample.dataset, sample.info
    problems: list[Problem] = []
    image = _load_image(sample, problems)
    intrinsics = _camera_of(sample, problems)
    arrays: dict[str, np.ndarray] = {}
    paths: dict[str, str] = {}
    missing, failed = [], []
    for task, target in dataset.targets.items():
        path = info.get(target.path_key)
        if path is None or not fileio.exists(path, backend_args=dataset.backend_args):
            missing.append(task)
            if task not in dataset.may_lack:
                problems.append(_missing_problem(sample, target, path))
            continue
        try:
            array = target.load(path, backend_args=dataset.backend_args)
        except Exception as error:  # any file may be broken in any way; go on with the next
            problems.append(problem_of_error(path, error))
            failed.append(task)
            continue
        is_dense = isinstance(target, DenseTarget)
        if is_dense and image is not None and array.shape[:2] != image.shape[:2]:
            problems.append(_size_problem(path, task, array, image, sample.image_path))
            failed.append(task)
            continue
        arrays[task], paths[task] = array, path
    loaded = LoadedSample(
        image=image,
        arrays=arrays,
        paths=paths,
        targets=dataset.targets,
        intrinsics=intrinsics,
        missing=tuple(missing),
        failed=tuple(failed),
        backend_args=dataset.backend_args,
    )
    return loaded, problems


def _load_image(sample: ListedSample, problems: list[Problem]) -> np.ndarray | None:
    try:
        image = read_image_file(sample.image_path, backend_args=sample.dataset.backend_args)
    except Exception as error:
        problems.append(problem_of_error(sample.image_path, error))
        return None
    layout = sample.dataset.layout
    expected = layout.get("image_size")
    from_layout = "intrinsics" in layout and sample.info.get("intrinsics") is None
    if expected and from_layout and list(image.shape[:2]) != list(expected):
        found = (
            f"the image is {image.shape[0]}x{image.shape[1]}, but meta.json, whose intrinsics are "
            f"used, says {expected[0]}x{expected[1]} (height x width)"
        )
        fix = f"give it its own camera, {sample.dataset.data_root}/intrinsics/STEM.txt."
        problems.append(Problem(sample.image_path, "image size", found, fix))
    return np.ascontiguousarray(image[..., ::-1])


def _camera_of(sample: ListedSample, problems: list[Problem]) -> np.ndarray | None:
    matrix = sample.info.get("intrinsics")
    matrix = sample.dataset.intrinsics if matrix is None else matrix
    if matrix is None:
        return None
    try:
        return as_intrinsics(matrix)
    except ValueError as error:
        fix = "correct its intrinsics file, meta.json or the data set's intrinsics."
        problems.append(Problem(sample.image_path, "intrinsics", str(error).rstrip("."), fix))
        return None


def _missing_problem(sample: ListedSample, target: Target, path: str | None) -> Problem:
    """One and the same for all files of a folder that does not exist."""
    task, root = target.task, sample.dataset.data_root
    fix = "restore the file"
    if path is None:
        file, found = sample.image_path, f"no {task} target is listed for this image"
    else:
        fix = fix_of_missing_target(path, target, data_root=root)
        folder = missing_target_folder(path, target, data_root=root)
        found = f"no such folder of {task} targets" if folder else f"missing {task} target"
        file = folder or path
    fix += (
        ", leave the task out of targets, or accept partly labelled data with "
        f"allow_missing=({task!r},)."
    )
    return Problem(file, "missing", found, fix)


def _size_problem(
    path: str, task: str, array: np.ndarray, image: np.ndarray, image_path: str
) -> Problem:
    found = (
        f"the {task} target is {array.shape[0]}x{array.shape[1]}, expected "
        f"{image.shape[0]}x{image.shape[1]} (height x width) as its image {image_path}"
    )
    return Problem(path, "size", found, "convert one of them again.")
