"""One frame of NYU Depth v2: checks, labels, normals and files."""

from pathlib import Path

import numpy as np

from mmaux.datasets.nyuv2 import nyuv2_facts
from mmaux.geometry import normals_from_depth, scale_intrinsics

from .encode import encode_depth, encode_normals, photograph_bytes, png_bytes
from .nyud_file import NYUDFrame

DEPTH_SCALE = 1000
IGNORE_INDEX = 255
SATURATED_DEPTH = 10.0
"""Metres. The official toolbox clips raw depth here and counts it as not measured."""
FOLDERS = ("image", "label", "depth", "depth_raw", "normal")
NORMAL_SETTINGS = {"radius": 8, "step": 2, "relative_threshold": 0.05}


def class_table(classes: int) -> np.ndarray:
    """Training label of each of the 895 stored ids, uint8; 255 for 0 (unlabelled).

    Args:
        classes: 40 (Gupta et al. 2013), or 13 (Handa et al. 2016), which merges those 40.

    Raises:
        ValueError: If it is another number.
    """
    facts = nyuv2_facts()
    table = np.array(facts["map894to40"])
    if classes == 13:
        table = np.array(facts["map40to13"])[table - 1]
    elif classes != 40:
        raise ValueError(f"classes: NYUD-v2 is used with 40 or 13 classes, found {classes}.")
    return np.concatenate([[IGNORE_INDEX], table - 1]).astype(np.uint8)


def camera_of(image_size: tuple[int, int]) -> np.ndarray:
    """Intrinsics of the official camera for images (H, W) of its shape, resized or not.

    Raises:
        ValueError: If the ratio of height to width is another than 480:640.
    """
    facts = nyuv2_facts()
    (height, width), (full_height, full_width) = image_size, facts["image_size"]
    if height * full_width != width * full_height:
        raise ValueError(
            f"images of {height}x{width}: expected {full_height}x{full_width} or the same resized "
            "evenly; the camera of a cropped image is unknown."
        )
    return scale_intrinsics(facts["intrinsics"], width / full_width)


def check_frame(frame: NYUDFrame, *, path: Path, classes: int) -> None:
    """Refuse impossible values.

    Args:
        frame: The frame.
        path: File that the message shall name.
        classes: Number of stored classes (894).

    Raises:
        ValueError: With file, array and frame id: depth that is NaN, infinite or negative; a
            label beyond the stored classes.
    """
    for name, depth in (("depths", frame.depth), ("rawDepths", frame.raw_depth)):
        for problem, wrong in (
            ("NaN or infinite", ~np.isfinite(depth)),
            ("negative", depth < 0),
        ):
            if wrong.any():
                raise ValueError(
                    f"{path}: {name!r} of frame {frame.number} is {problem} at {int(wrong.sum())} "
                    "pixels; expected metres, 0 where there is none. The file is not the official "
                    "one or is damaged: correct it or get it again."
                )
    if frame.labels.max() > classes or frame.labels.min() < 0:
        wrong_id = frame.labels.max() if frame.labels.max() > classes else frame.labels.min()
        raise ValueError(
            f"{path}: 'labels' of frame {frame.number} holds the class id {wrong_id}, expected 0 "
            f"(unlabelled) to {classes}. Give the official file, with its original labels."
        )


def encode_frame(
    frame: NYUDFrame, *, table: np.ndarray, intrinsics: np.ndarray
) -> dict[str, bytes]:
    """The frame's PNG files, by folder.

    Normals come from the depth that the sensor measured; where it did not (holes, saturation, the
    border that has no depth), ``depth_raw`` is 0 and the normal is invalid.
    """
    measured = np.where(frame.raw_depth < SATURATED_DEPTH, frame.raw_depth, np.float32(0))
    normals = normals_from_depth(
        measured,
        intrinsics,
        radius=int(NORMAL_SETTINGS["radius"]),
        step=int(NORMAL_SETTINGS["step"]),
        relative_threshold=NORMAL_SETTINGS["relative_threshold"],
    )
    maps = {
        "label": table[frame.labels],
        "depth": encode_depth(frame.depth, scale=DEPTH_SCALE),
        "depth_raw": encode_depth(measured, scale=DEPTH_SCALE),
        "normal": encode_normals(normals),
    }
    files = {folder: png_bytes(array) for folder, array in maps.items()}
    return {"image": photograph_bytes(frame.image), **files}
