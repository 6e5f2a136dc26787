"""SUN RGB-D's official folders and toolbox in miniature, with known content.

The layout follows the README of the toolbox and the public scripts that read it: names, orders and
types of arrays as there, paths of the authors' machine, some with a slash at the end.
"""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import h5py
import numpy as np
from folders import write_png
from scenes import Scene, render
from scipy.io import savemat

from mmaux.datasets.sunrgbd import sunrgbd_facts

SIZE = (96, 128)
NAMES = (
    "kv2/kinect2data/000002_2014-05-26_14-23-37_260595134347_rgbf000103-resize",
    "kv1/NYUdata/NYU0001",
    "realsense/lg/2014_10_21-18_19_07-1311000073",
    "xtion/sun3ddata/hotel/hotel_scan1/0000004-000000100548",
    "kv1/b3dodata/img_0063",
)
TEST, TRAIN = NAMES[:2], NAMES[2:]


def rotated(millimetres: np.ndarray) -> np.ndarray:
    """Depth as the official files code it: the three lowest bits on top of the others' shift."""
    wide = millimetres.astype(np.uint32)
    return (((wide << 3) | (wide >> 13)) & 0xFFFF).astype(np.uint16)


@dataclass
class Official:
    """Where the files are and what they hold."""

    root: Path
    toolbox: Path
    scene: Scene
    labels: list[np.ndarray | None] = field(default_factory=list)

    def folder(self, name: str) -> Path:
        """A frame's official folder."""
        return self.root / name


def write_official(
    base: Path, *, unlabelled: int | None = None, label_type: str = "float64"
) -> Official:
    """Write the five frames and the toolbox; one frame's label map may be an empty cell."""
    scene = render(SIZE)
    official = Official(base / "SUNRGBD", base / "SUNRGBDtoolbox", scene)
    rng = np.random.default_rng(4)
    for number, name in enumerate(NAMES):
        folder = official.folder(name)
        (folder / "image").mkdir(parents=True)
        image = np.clip(scene.image, 0, 200) + np.uint8(number)
        assert cv2.imwrite(str(folder / "image" / image_name(name)), image[..., ::-1])
        refined = np.rint(scene.depth * 1000).astype(int)
        raw = refined.copy()
        raw[20:30, 40:60] = 0
        refined[:12, :40] = raw[:12, :40] = 9000  # beyond the 8 m of the toolbox
        write_png(folder / "depth_bfx" / depth_name(name), rotated(refined))
        write_png(folder / "depth" / depth_name(name), rotated(raw))
        rows = (" ".join(f"{value:.6f}" for value in row) for row in scene.intrinsics)
        (folder / "intrinsics.txt").write_text("\n".join(rows) + " \n")
        (folder / "scene.txt").write_text("office")
        labels = rng.integers(0, 38, SIZE)
        labels[0, :4] = (0, 1, 22, 37)
        official.labels.append(None if number == unlabelled else labels)
    write_toolbox(official, label_type=label_type)
    return official


def image_name(name: str) -> str:
    """Colour picture of a frame."""
    return f"{name.rpartition('/')[2][:12]}.jpg"


def depth_name(name: str) -> str:
    """Depth maps of a frame, whose name may differ from the picture's."""
    return f"{name.rpartition('/')[2][:12]}_abs.png"


def official_path(name: str) -> str:
    """A frame's folder as the toolbox writes it; those of some sensors end in a slash."""
    end = "" if name.startswith("kv2") else "/"
    return f"/n/fs/sun3d/data/SUNRGBD/{name}{end}"


def cells(values: list[object], shape: tuple[int, int]) -> np.ndarray:
    """A MATLAB cell array."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def write_toolbox(official: Official, *, label_type: str = "float64") -> None:
    """``allsplit.mat`` and ``SUNRGBDMeta.mat`` (MATLAB 5), ``SUNRGBD2Dseg.mat`` (MATLAB 7.3)."""
    for folder in ("Metadata", "traintestSUNRGBD"):
        (official.toolbox / folder).mkdir(parents=True, exist_ok=True)
    paths = {name: official_path(name) for name in NAMES}
    train = [paths[name] for name in TRAIN]
    savemat(
        official.toolbox / "traintestSUNRGBD/allsplit.mat",
        {
            "alltrain": cells(train, (1, -1)),
            "alltest": cells([paths[name] for name in TEST], (1, -1)),
            "trainvalsplit": {"train": cells(train[:2], (-1, 1)), "val": cells(train[2:], (-1, 1))},
        },
    )
    kinds = [
        ("sequenceName", object),
        ("K", object),
        ("depthpath", object),
        ("rgbpath", object),
        ("depthname", object),
        ("rgbname", object),
        ("sensorType", object),
    ]
    meta = np.empty((1, len(NAMES)), dtype=kinds)
    for index, name in enumerate(NAMES):
        meta[0, index] = (
            f"SUNRGBD/{name}",
            official.scene.intrinsics,
            f"{paths[name].rstrip('/')}/depth/{depth_name(name)}",
            f"{paths[name].rstrip('/')}/image/{image_name(name)}",
            depth_name(name),
            image_name(name),
            name.partition("/")[0],
        )
    savemat(official.toolbox / "Metadata/SUNRGBDMeta.mat", {"SUNRGBDMeta": meta})
    write_labels(official.toolbox / "Metadata/SUNRGBD2Dseg.mat", official.labels, kind=label_type)


def write_labels(
    path: Path,
    labels: list[np.ndarray | None],
    *,
    kind: str = "float64",
    names: list[str] | None = None,
    field_name: str = "seglabel",
) -> None:
    """A struct array in MATLAB 7.3: a dataset of references to each element's transposed map."""
    names = sunrgbd_facts()["classes37"] if names is None else names
    with h5py.File(path, "w", userblock_size=512) as file:
        references = file.create_group("#refs#")

        def store(key: str, array: np.ndarray | None) -> h5py.Reference:
            if array is None:  # MATLAB stores the size of what is empty
                dataset = references.create_dataset(key, data=np.zeros(2, np.uint64))
                dataset.attrs["MATLAB_empty"] = np.uint8(1)
            else:
                dataset = references.create_dataset(key, data=array)
            return dataset.ref

        maps = [
            store(f"m{i}", None if a is None else a.T.astype(kind)) for i, a in enumerate(labels)
        ]
        texts = [
            store(f"n{i}", np.array([[ord(c)] for c in name], np.uint16))
            for i, name in enumerate(names)
        ]
        group = file.create_group("SUNRGBD2Dseg")
        for name in (field_name, "seglabelall"):
            group.create_dataset(name, data=np.array(maps, h5py.ref_dtype)[:, None])
        file.create_dataset("seg37list", data=np.array(texts, h5py.ref_dtype)[:, None])
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512, b"\0"))
