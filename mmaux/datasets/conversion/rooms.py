"""Rendered rooms (:mod:`mmaux.datasets.rooms`) in the common layout."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2

from mmaux.datasets.nyuv2 import nyuv2_facts
from mmaux.datasets.rooms.camera_pose import intrinsics_of
from mmaux.datasets.rooms.depth_sensor import BASELINE, FARTHEST, NEAREST, STEP
from mmaux.datasets.rooms.kinds import KINDS
from mmaux.datasets.rooms.sample import kind_of_room, render_sample
from mmaux.utils.dependencies import require
from mmaux.utils.progress import progress_bar

from .encode import (
    NORMAL_AXES,
    NORMAL_CODING,
    encode_depth,
    encode_normals,
    photograph_bytes,
    png_bytes,
)
from .writer import LayoutWriter

FOLDERS = {
    "image": ".png",
    "label": ".png",
    "depth": ".png",
    "normal": ".png",
    "scene": ".txt",
}
DEPTH_SCALE = 1000
SMALLEST, LARGEST = 48, 2048
"""Pixels that a side of an image may have."""
SPLITS = ("train", "test")
_RENDERER = 2
"""Raise it whenever the pictures of a seed change, so that two kinds never share a folder."""
_DEPTH_ABOUT = (
    f"test: exact. train: as a structured-light camera reads it: inverse depth in steps of {STEP} "
    f"1/m with noise of half a step, lateral shifts of half a pixel (standard deviation); 0 = no "
    f"reading: beyond {NEAREST} to {FARTHEST} m, where a projector {BASELINE} m beside the camera "
    "does not reach, at grazing angles, in patches of dark and glossy surfaces. Normals and labels "
    "are exact in both."
)


@dataclass(frozen=True)
class RenderingSummary:
    """What a run did.

    Attributes:
        rendered: Images of this run.
        skipped: Images that an earlier run had done.
        folder: Folder of the data set.
        scenes: How many of the skipped images lacked their scene and got it.
    """

    rendered: int
    skipped: int
    folder: Path
    scenes: int = 0


def parse_size(text: str) -> tuple[int, int]:
    """``HEIGHTxWIDTH`` as two numbers of pixels.

    Raises:
        ValueError: If it is anything else.
    """
    height, cross, width = text.lower().partition("x")
    if not (cross and height.isdecimal() and width.isdecimal()):
        raise ValueError(f"size: found {text!r}, expected HEIGHTxWIDTH such as 240x320.")
    return int(height), int(width)


def render_rooms(
    out: str | Path,
    *,
    train: int,
    test: int,
    seed: int = 0,
    size: tuple[int, int] = (240, 320),
    workers: int = 1,
) -> RenderingSummary:
    """Render a data set; an interrupted run continues when called again.

    An image depends on the seed, its split and its number only: not on the number of images, nor
    of workers, nor on interruptions. So a folder can be enlarged by asking for more. One that was
    rendered without scenes gets them by asking for the same again: that renders nothing, since a
    scene follows from the seed, and the files of the images stay as they are.

    Args:
        out: Folder of the data set, in the common layout.
        train: Number of training images.
        test: Number of test images.
        seed: 0 or more.
        size: (H, W) in pixels.
        workers: Processes; 1 = this one.

    Raises:
        ValueError: If an argument is out of range or the folder cannot be used.
        ImportError: If something is to be rendered and the ray caster is not installed.
    """
    _check(train=train, test=test, seed=seed, size=size, workers=workers)
    writer = LayoutWriter(
        out,
        folders=FOLDERS,
        conversion={
            "dataset": "Rooms",
            "seed": seed,
            "size": f"{size[0]}x{size[1]}",
            "renderer": _RENDERER,
        },
    )
    counts = dict(zip(SPLITS, (train, test), strict=True))
    wanted = [(split, number) for split in SPLITS for number in range(counts[split])]
    missing = [job for job in wanted if not writer.is_done(_stem(*job))]
    unnamed = {job for job in missing if writer.is_done(_stem(*job), lacking=("scene",))}
    jobs = [(seed, size, *job) for job in missing if job not in unnamed]
    if jobs:
        require("embreex", purpose="rendering rooms")
    writer.begin()
    for split, number in sorted(unnamed):
        kind = kind_of_room(_sample_seed(seed, split, number))
        writer.complete_frame(_stem(split, number), {"scene": _scene_text(kind)})
    if jobs:
        with (
            progress_bar("rooms", total=len(jobs)) as advance,
            _rendered(jobs, workers) as frames,
        ):
            for stem, files in frames:
                writer.write_frame(stem, files)
                advance()
    writer.finish(
        splits={split: [_stem(split, i) for i in range(counts[split])] for split in SPLITS},
        meta=_meta(size),
    )
    return RenderingSummary(len(jobs), len(wanted) - len(jobs), Path(out), len(unnamed))


def add_scenes(folder: str | Path) -> RenderingSummary:
    """Give a folder of rooms the scenes that it lacks.

    Its seed and its lists of images stay the same. Nothing is rendered, unless an image of the
    lists lacks other files too.

    Args:
        folder: Folder that :func:`render_rooms` has completed.

    Raises:
        ValueError: It holds something else, or what another version of the renderer wrote.
        OSError: It holds no complete data set.
    """
    root = Path(folder)
    meta = json.loads((root / "meta.json").read_text(encoding="utf-8"))
    conversion = meta.get("conversion", {})
    if conversion.get("dataset") != "Rooms":
        raise ValueError(f"{root}: its meta.json is not that of rendered rooms.")
    train, test = (
        len((root / "splits" / f"{split}.txt").read_text(encoding="utf-8").split())
        for split in SPLITS
    )
    size = parse_size(conversion["size"])
    return render_rooms(root, train=train, test=test, seed=conversion["seed"], size=size)


Job = tuple[int, tuple[int, int], str, int]
Frame = tuple[str, dict[str, bytes]]


def render_frame(job: Job) -> Frame:
    """Stem and files of one image; ``job`` is (seed, (H, W), split, number)."""
    seed, size, split, number = job
    cv2.setNumThreads(1)
    sample = render_sample(_sample_seed(seed, split, number), size)
    depth = sample.measured_depth if split == "train" else sample.depth
    maps = {
        "label": sample.label,
        "depth": encode_depth(depth, scale=DEPTH_SCALE),
        "normal": encode_normals(sample.normal),
    }
    files = {folder: png_bytes(array) for folder, array in maps.items()}
    files["image"] = photograph_bytes(sample.image)
    files["scene"] = _scene_text(sample.room.kind)
    return _stem(split, number), files


def _sample_seed(seed: int, split: str, number: int) -> tuple[int, int, int]:
    return seed, SPLITS.index(split), number


def _scene_text(kind: str) -> bytes:
    return f"{kind}\n".encode()


@contextmanager
def _rendered(jobs: list[Job], workers: int) -> Iterator[Iterator[Frame]]:
    """Frames in the order in which they become ready."""
    if workers == 1:
        yield map(render_frame, jobs)
        return
    # A fork of this process would copy the locks of threads that it may have; the fork server has
    # none, and imports once what all workers need.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(workers, mp_context=context)
    try:
        yield _ready(pool.submit, iter(jobs), ahead=2 * workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ready(submit: Callable[..., Any], jobs: Iterator[Job], *, ahead: int) -> Iterator[Frame]:
    pending = {submit(render_frame, job) for job in islice(jobs, ahead)}
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        pending |= {submit(render_frame, job) for job in islice(jobs, len(done))}
        for future in done:
            yield future.result()


def _check(*, train: int, test: int, seed: int, size: tuple[int, int], workers: int) -> None:
    for name, value, least in (
        ("train", train, 0),
        ("test", test, 0),
        ("seed", seed, 0),
        ("workers", workers, 1),
    ):
        if value < least:
            raise ValueError(f"{name}: expected at least {least}, found {value}.")
    if train + test == 0:
        raise ValueError("train and test are both 0: ask for at least one image.")
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise ValueError(
            f"size: found {size[0]}x{size[1]}, expected sides of {SMALLEST} to {LARGEST} pixels."
        )


def _stem(split: str, number: int) -> str:
    return f"{split}_{number:06d}"


def _meta(size: tuple[int, int]) -> dict[str, Any]:
    facts = nyuv2_facts()
    return {
        "dataset": "Rooms",
        "classes": facts["classes13"],
        "palette": facts["palette13"],
        "scenes": list(KINDS),
        "depth_scale": DEPTH_SCALE,
        "depth": _DEPTH_ABOUT,
        "intrinsics": intrinsics_of(size).tolist(),
        "image_size": list(size),
        "normal_axes": NORMAL_AXES,
        "normal_coding": NORMAL_CODING,
        "source": "rendered by tools/dataset_converters/rooms.py",
    }
