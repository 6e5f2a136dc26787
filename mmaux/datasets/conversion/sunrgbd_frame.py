"""One frame of SUN RGB-D: its files, checks, normals and what is written."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmaux.datasets.image_file import read_image_file
from mmaux.datasets.intrinsics_file import read_intrinsics_file
from mmaux.datasets.sunrgbd import sunrgbd_facts
from mmaux.datasets.targets.depth_target import decode_sunrgbd_depth
from mmaux.geometry import normals_from_depth
from mmaux.geometry.camera import as_intrinsics

from .encode import encode_depth, encode_normals, png_bytes
from .nyud_frame import DEPTH_SCALE, IGNORE_INDEX, NORMAL_SETTINGS

SUFFIXES = {
    "image": ".jpg",
    "label": ".png",
    "depth": ".png",
    "depth_raw": ".png",
    "normal": ".png",
    "intrinsics": ".txt",
}
"""Folders of the converted data set and the suffix of their files."""
_CAMERAS = ("kv1", "kv2", "realsense", "xtion")


@dataclass(frozen=True)
class FrameFiles:
    """The official files of a frame.

    Attributes:
        name: Its folder below ``SUNRGBD``.
        image: Colour picture, JPEG.
        depth: Refined depth (``depth_bfx``), holes filled in.
        raw_depth: The sensor's depth, aligned with the picture.
        intrinsics: Text file of its camera matrix.
    """

    name: str
    image: Path
    depth: Path
    raw_depth: Path
    intrinsics: Path

    @property
    def stem(self) -> str:
        """What its converted files are called: the folder's path with ``__`` for each slash."""
        return self.name.replace("/", "__")

    @classmethod
    def in_folder(cls, root: Path, name: str, *, image: str, depth: str) -> "FrameFiles":
        """The files below ``root / name``, under the given file names."""
        folder = root / name
        return cls(
            name,
            folder / "image" / image,
            folder / "depth_bfx" / depth,
            folder / "depth" / depth,
            folder / "intrinsics.txt",
        )

    def missing(self) -> Path | None:
        """The first file that does not exist."""
        files = (self.image, self.depth, self.raw_depth, self.intrinsics)
        return next((file for file in files if not file.is_file()), None)


def find_frames(root: str | Path) -> list[FrameFiles]:
    """All frame folders below ``root``, sorted by name: those with an ``intrinsics.txt``.

    Raises:
        ValueError: If there are none, or one has not exactly one picture and one depth map.
    """
    root = Path(root)
    frames = []
    for camera in sorted(root.rglob("intrinsics.txt")):
        name = camera.parent.relative_to(root).as_posix()
        image = _only(camera.parent / "image", ".jpg")
        depth = _only(camera.parent / "depth_bfx", ".png")
        frames.append(FrameFiles.in_folder(root, name, image=image.name, depth=depth.name))
    if not frames:
        raise ValueError(
            f"{root}: no frame folder (image, depth, depth_bfx, intrinsics.txt) in it. Give the "
            f"unpacked SUNRGBD, which holds {', '.join(_CAMERAS)}."
        )
    return frames


def class_table(classes: int) -> np.ndarray:
    """Training label of each stored id 0 to 37, uint8; 255 for 0 (unlabelled).

    Args:
        classes: 37, or 13 (Handa et al. 2016), which merges those.

    Raises:
        ValueError: If it is another number.
    """
    if classes not in (37, 13):
        raise ValueError(f"classes: SUN RGB-D is used with 37 or 13 classes, found {classes}.")
    ids = sunrgbd_facts()["map37to13"] if classes == 13 else range(1, 38)
    return np.array([IGNORE_INDEX, *(i - 1 for i in ids)], dtype=np.uint8)


def encode_frame(
    frame: FrameFiles, *, labels: np.ndarray | None, table: np.ndarray
) -> dict[str, bytes]:
    """The frame's files, by folder; ``label`` only if it has labels.

    Depth is clipped at 8 m as in the toolbox (``read3dPoints.m``). Normals come from the depth
    that the sensor measured: holes and what lies at 8 m or beyond have none.

    Args:
        frame: The official files.
        labels: Ids 0 to 37, uint8 (H, W).
        table: :func:`class_table`.

    Raises:
        ValueError: If a file is damaged, of another kind or size than the others.
    """
    image = read_image_file(str(frame.image))
    depth, raw = read_depth(frame.depth), read_depth(frame.raw_depth)
    sizes = {frame.depth: depth.shape, frame.raw_depth: raw.shape}
    if labels is not None:
        sizes[Path(f"the labels of {frame.name}")] = labels.shape
    for source, size in sizes.items():
        if size != image.shape[:2]:
            raise ValueError(
                f"{source}: {size[0]}x{size[1]}, but {frame.image} is {image.shape[0]}x"
                f"{image.shape[1]} (height x width); they must have the same size."
            )
    matrix = read_intrinsics_file(frame.intrinsics)
    farthest = sunrgbd_facts()["max_depth"]
    try:
        normals = normals_from_depth(
            np.where(raw < farthest, raw, np.float32(0)),
            as_intrinsics(matrix),
            radius=int(NORMAL_SETTINGS["radius"]),
            step=int(NORMAL_SETTINGS["step"]),
            relative_threshold=NORMAL_SETTINGS["relative_threshold"],
        )
    except ValueError as error:
        raise ValueError(f"{frame.intrinsics}: {error}") from error
    files = {
        "image": frame.image.read_bytes(),
        "depth": png_bytes(encode_depth(np.minimum(depth, farthest), scale=DEPTH_SCALE)),
        "depth_raw": png_bytes(encode_depth(np.minimum(raw, farthest), scale=DEPTH_SCALE)),
        "normal": png_bytes(encode_normals(normals)),
        "intrinsics": "".join(" ".join(map(str, row)) + "\n" for row in matrix).encode(),
    }
    if labels is not None:
        files["label"] = png_bytes(table[labels])
    return files


def read_depth(path: Path) -> np.ndarray:
    """Official depth file as metres, float32 (H, W), unclipped; 0 = no measurement.

    Raises:
        ValueError: If it is no one-channel 16-bit picture.
    """
    codes = read_image_file(str(path), flag="unchanged")
    if codes.ndim != 2:
        raise ValueError(f"{path}: a depth map has one channel, found shape {codes.shape}.")
    try:
        return decode_sunrgbd_depth(codes)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _only(folder: Path, suffix: str) -> Path:
    found = sorted(path for path in folder.glob(f"*{suffix}") if not path.name.startswith("."))
    if len(found) != 1:
        raise ValueError(f"{folder}: {len(found)} files *{suffix}, expected one.")
    return found[0]
