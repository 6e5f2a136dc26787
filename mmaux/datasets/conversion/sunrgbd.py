"""SUN RGB-D (Song et al., CVPR 2015): the official folders to the common layout."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from mmaux.datasets.sunrgbd import sunrgbd_facts

from .encode import NORMAL_AXES, NORMAL_CODING
from .frame_pool import ConversionSummary, check_workers, process_frames
from .nyud_frame import DEPTH_SCALE, IGNORE_INDEX, NORMAL_SETTINGS
from .sunrgbd_frame import SUFFIXES, FrameFiles, class_table, encode_frame, find_frames
from .sunrgbd_labels import SUNRGBDLabels
from .sunrgbd_toolbox import LABEL_FILE, read_toolbox
from .writer import LayoutWriter

_NORMAL_METHOD = (
    "computed, no official ground truth: least-squares plane in inverse depth over the neighbours "
    "within relative_threshold of the pixel's depth (window radius and step in pixels). Depth is "
    "the sensor's own (folder depth of the official frame), so that its holes, and what lies at "
    "8 m or beyond, have no normal: filled-in depth is no measurement."
)


def convert_sunrgbd(
    root: str | Path,
    out: str | Path,
    *,
    toolbox: str | Path | None,
    classes: int = 37,
    workers: int = 1,
) -> ConversionSummary:
    """Convert the official folders; an interrupted run continues when called again.

    A stem is the frame's official folder with ``__`` for each slash, such as
    ``kv1__NYUdata__NYU0001``. A frame to which the official labels have no map is written without
    a label file; read it with ``allow_missing=('semseg',)``.

    Args:
        root: The unpacked ``SUNRGBD``, which holds kv1, kv2, realsense and xtion.
        out: Folder of the data set, in the common layout.
        toolbox: The unpacked ``SUNRGBDtoolbox``: labels and the official split. None converts
            every frame below ``root`` without labels, into the one list ``all``.
        classes: 37 or 13.
        workers: Threads that compute and write; one more reads labels.

    Raises:
        ValueError: If an input is missing or wrong or the folder cannot be used. Frames that were
            complete by then stay and count.
    """
    check_workers(workers)
    table = class_table(classes)
    frames, indices, splits = _choose_frames(Path(root), toolbox)
    labels = None if toolbox is None else SUNRGBDLabels(Path(toolbox) / LABEL_FILE)
    with labels or nullcontext():
        if labels is not None and max(indices.values()) >= labels.frames:
            raise ValueError(
                f"{labels.path}: labels of {labels.frames} frames, but SUNRGBDMeta.mat has at "
                f"least {max(indices.values()) + 1}; both must be of the same toolbox."
            )
        source = "folders alone" if labels is None else labels.fingerprint()
        settings = ", ".join(f"{name} {value}" for name, value in NORMAL_SETTINGS.items())
        writer = LayoutWriter(
            out,
            folders=SUFFIXES,
            optional=("label",),
            conversion={
                "dataset": "SUN RGB-D",
                "source": source,
                "classes": classes,
                "normals": settings,
            },
        )
        writer.begin()

        def lacking(frame: FrameFiles) -> tuple[str, ...]:
            labelled = labels is not None and labels.has(indices[frame.name])
            return () if labelled else ("label",)

        def read(frame: FrameFiles) -> tuple[FrameFiles, np.ndarray | None]:
            return frame, None if labels is None else labels.read(indices[frame.name])

        def work(item: tuple[FrameFiles, np.ndarray | None]) -> None:
            frame, ids = item
            writer.write_frame(frame.stem, encode_frame(frame, labels=ids, table=table))

        todo = [f for f in frames if not writer.is_done(f.stem, lacking=lacking(f))]
        process_frames(todo, read=read, work=work, workers=workers, description="SUN RGB-D frames")
        writer.finish(
            splits={name: [frame.stem for frame in listed] for name, listed in splits.items()},
            meta=_meta(classes=classes, frames=len(frames), labelled=labels is not None),
        )
    return ConversionSummary(
        frames=len(frames),
        skipped=len(frames) - len(todo),
        splits={name: len(listed) for name, listed in splits.items()},
        folder=Path(out),
    )


def _choose_frames(
    root: Path, toolbox: str | Path | None
) -> tuple[list[FrameFiles], dict[str, int], dict[str, list[FrameFiles]]]:
    """The frames, the place of each in the toolbox, and the lists that they are in."""
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; expected the unpacked SUNRGBD.zip.")
    if toolbox is None:
        frames = find_frames(root)
        indices: dict[str, int] = {}
        splits = {"all": frames}
    else:
        known, names = read_toolbox(toolbox)
        indices = {frame.name: frame.index for frame in known}
        by_name = {
            frame.name: FrameFiles.in_folder(root, frame.name, image=frame.image, depth=frame.depth)
            for frame in known
        }
        frames = list(by_name.values())
        splits = {split: [by_name[name] for name in listed] for split, listed in names.items()}
    missing = [file for frame in frames if (file := frame.missing()) is not None]
    if missing:
        raise ValueError(
            f"{missing[0]}: no such file ({len(missing)} of {len(frames)} frames are incomplete). "
            "Give the folder SUNRGBD, which holds kv1, kv2, realsense and xtion, or unpack "
            "SUNRGBD.zip again."
        )
    if len({frame.stem for frame in frames}) != len(frames):
        raise ValueError(f"{root}: two folders differ only by '__' in place of '/'; rename one.")
    return frames, indices, splits


def _meta(*, classes: int, frames: int, labelled: bool) -> dict[str, Any]:
    facts = sunrgbd_facts()
    return {
        "dataset": "SUN RGB-D",
        "classes": facts[f"classes{classes}"],
        "palette": facts[f"palette{classes}"],
        "ignore_index": IGNORE_INDEX,
        "labels": "SUNRGBD2Dseg.mat, seglabel" if labelled else "none",
        "depth_scale": DEPTH_SCALE,
        "depth": "depth: 'depth_bfx', refined, holes filled in. depth_raw: 'depth', 0 = not "
        "measured. Both decoded as read3dPoints.m does: bits rotated by three in 16 bits, clipped "
        f"at {facts['max_depth']:g} m (a pixel at that value is a clipped one).",
        "intrinsics_files": "intrinsics/STEM.txt, as in the official intrinsics.txt",
        "normal_axes": NORMAL_AXES,
        "normal_coding": NORMAL_CODING,
        "normal_method": {"about": _NORMAL_METHOD, **NORMAL_SETTINGS},
        "source": f"SUNRGBD with {frames} frames",
    }
