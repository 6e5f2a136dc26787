"""NYU Depth v2 (Silberman et al., ECCV 2012): the official file to the common layout."""

from pathlib import Path
from typing import Any

import numpy as np

from mmaux.datasets.nyuv2 import nyuv2_facts

from .encode import NORMAL_AXES, NORMAL_CODING
from .frame_pool import ConversionSummary, check_workers, process_frames
from .nyud_file import NYUDFile, NYUDFrame
from .nyud_frame import (
    DEPTH_SCALE,
    FOLDERS,
    IGNORE_INDEX,
    NORMAL_SETTINGS,
    camera_of,
    check_frame,
    class_table,
    encode_frame,
)
from .splits import check_splits, read_splits
from .writer import LayoutWriter

_NORMAL_METHOD = (
    "computed, no official ground truth: least-squares plane in inverse depth over the neighbours "
    "within relative_threshold of the pixel's depth (window radius and step in pixels). Depth is "
    "rawDepths: what the sensor did not measure (holes, 10 m and more, the border) is invalid, "
    "since filled-in depth is no measurement."
)


def choose_splits(splits: str | Path | None, *, frames: int) -> dict[str, list[int]]:
    """Frame ids, counted from 1, of ``train`` and ``test``: the official ones if none are given.

    Raises:
        ValueError: If the lists do not fit the data, or none are given for another data set than
            the official one.
    """
    facts = nyuv2_facts()
    if splits is None and frames != facts["frames"]:
        raise ValueError(
            f"the file has {frames} frames, but the official split, used by default, is for the "
            f"{facts['frames']} of the official file. Give --splits FILE with your own: JSON "
            '{"train": [1, ...], "test": [...]}, ids counted from 1.'
        )
    if splits is None:
        return {"train": facts["train_ids"], "test": facts["test_ids"]}
    chosen = read_splits(splits)
    check_splits(chosen, frames=frames, where=str(splits))
    return chosen


def convert_nyud(
    mat: str | Path,
    out: str | Path,
    *,
    splits: str | Path | None = None,
    classes: int = 40,
    workers: int = 1,
) -> ConversionSummary:
    """Convert ``nyu_depth_v2_labeled.mat``; an interrupted run continues when called again.

    Stems are the official ids, 0001 to 1449. All frames are converted, whatever the split.

    Args:
        mat: The official file.
        out: Folder of the data set, in the common layout.
        splits: ``.mat`` or JSON with frame ids counted from 1; the official split if not given.
        classes: 40 or 13.
        workers: Threads that compute and write; one more reads.

    Raises:
        ValueError: If an input is wrong or the folder cannot be used. Frames that were complete
            by then stay and count.
    """
    check_workers(workers)
    table = class_table(classes)
    with NYUDFile(mat) as source:
        chosen = choose_splits(splits, frames=source.frames)
        intrinsics = camera_of(source.image_size)
        settings = ", ".join(f"{name} {value}" for name, value in NORMAL_SETTINGS.items())
        writer = LayoutWriter(
            out,
            folders=FOLDERS,
            conversion={
                "dataset": "NYUv2",
                "source": source.fingerprint(),
                "classes": classes,
                "normals": settings,
            },
        )
        writer.begin()
        missing = [i for i in range(1, source.frames + 1) if not writer.is_done(_stem(i))]

        def work(frame: NYUDFrame) -> None:
            check_frame(frame, path=source.path, classes=len(table) - 1)
            try:
                files = encode_frame(frame, table=table, intrinsics=intrinsics)
            except ValueError as error:
                raise ValueError(f"{source.path}: frame {frame.number}: {error}") from error
            writer.write_frame(_stem(frame.number), files)

        process_frames(
            missing, read=source.read, work=work, workers=workers, description="NYUD-v2 frames"
        )
        writer.finish(
            splits={name: [_stem(i) for i in ids] for name, ids in chosen.items()},
            meta=_meta(source, classes=classes, intrinsics=intrinsics),
        )
        return ConversionSummary(
            frames=source.frames,
            skipped=source.frames - len(missing),
            splits={name: len(ids) for name, ids in chosen.items()},
            folder=Path(out),
        )


def _stem(number: int) -> str:
    return f"{number:04d}"


def _meta(source: NYUDFile, *, classes: int, intrinsics: np.ndarray) -> dict[str, Any]:
    facts = nyuv2_facts()
    return {
        "dataset": "NYUv2",
        "classes": facts[f"classes{classes}"],
        "palette": facts[f"palette{classes}"],
        "ignore_index": IGNORE_INDEX,
        "depth_scale": DEPTH_SCALE,
        "depth": "depth: 'depths', holes filled in. depth_raw: 'rawDepths', 0 = not measured "
        "(holes, and 10 m and more, where the sensor saturates).",
        "intrinsics": intrinsics.tolist(),
        "image_size": list(source.image_size),
        "normal_axes": NORMAL_AXES,
        "normal_coding": NORMAL_CODING,
        "normal_method": {"about": _NORMAL_METHOD, **NORMAL_SETTINGS},
        "source": f"nyu_depth_v2_labeled.mat with {source.frames} frames",
    }
