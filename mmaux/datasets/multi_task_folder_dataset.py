"""A data set in plain folders."""

import json
import os.path as osp
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmengine
from mmengine import fileio

from mmaux.registry import DATASETS

from .image_file import IMAGE_SUFFIXES
from .intrinsics_file import read_intrinsics_file
from .missing_files import files_of_stem, folders_in
from .multi_task_dataset import MultiTaskDataset
from .targets import known_targets


@DATASETS.register_module()
class MultiTaskFolderDataset(MultiTaskDataset):
    """A folder of images and one folder a target, files of equal stem belonging together.

    ::

        data_root/
          meta.json            optional: classes, depth_scale, intrinsics
          splits/train.txt     optional: one stem a line
          image/STEM.jpg       label/STEM.png      depth/STEM.png      normal/STEM.png
          intrinsics/STEM.txt  optional: 3x3 camera matrix of that image

    A stem may have folders of its own, ``train/0001``.

    No code is needed for a new data set: name its classes in the config,
    ``metainfo=dict(classes=('floor', 'wall'))``. Any other layout can be given as a JSON
    ``ann_file`` with explicit paths relative to ``data_root``:
    ``{"data_list": [{"img_path": "a/x.jpg", "depth_map_path": "b/y.png"}, ...]}``.

    Args:
        ann_file: Text file of stems or JSON list, relative to ``data_root``; by default every
            image of the folder.
        image_folder: Folder of the images under the data root; ``targets`` takes those of the
            targets, ``dict(depth=dict(folder='depth_dir'))``.
        image_suffixes: Suffixes to look for, in this order.
        kwargs: Arguments of :class:`MultiTaskDataset`.
    """

    def __init__(
        self,
        *,
        ann_file: str = "",
        image_folder: str = "image",
        image_suffixes: Sequence[str] = (".jpg", ".png", ".jpeg"),
        **kwargs: Any,
    ) -> None:
        self.image_folder = image_folder
        self.image_suffixes = tuple(image_suffixes)
        super().__init__(ann_file=ann_file, **kwargs)

    def list_samples(self) -> list[dict[str, Any]]:
        """Samples of the JSON list, of the text list, or of the image folder."""
        if self.ann_file.endswith(".json"):
            return self._samples_from_json()
        return [self.sample_of_stem(stem) for stem in self.stems()]

    def stems(self) -> list[str]:
        """Stems of the split file, or of the image folder.

        Raises:
            FileNotFoundError: There is no such list or image folder.
            ValueError: The list has names of files in place of stems.
        """
        if self.ann_file:
            return self._listed_stems()
        self._check_image_folder()
        folder = osp.join(self.data_root, self.image_folder)
        names = fileio.list_dir_or_file(
            folder, list_dir=False, suffix=self.image_suffixes, recursive=True
        )
        return sorted({osp.splitext(name)[0] for name in names})

    def sample_of_stem(self, stem: str) -> dict[str, Any]:
        """Paths of a stem's image and of its targets, whether these exist or not.

        Raises:
            FileNotFoundError: It has no image.
        """
        image = self._find(self.image_folder, stem, self.image_suffixes)
        if image is None:
            path = osp.join(self.data_root, self.image_folder, stem)
            others = files_of_stem(path)
            hint = f", only {others[0]} (convert it, or set image_suffixes)" if others else ""
            raise FileNotFoundError(
                f"{path}: no image with any of the suffixes {self.image_suffixes}{hint}."
            )
        sample: dict[str, Any] = {"img_path": image}
        for target in self.targets.values():
            found = self._find(target.folder, stem, target.suffixes)
            sample[target.path_key] = found or osp.join(
                self.data_root, target.folder, stem + target.suffixes[0]
            )
        camera = Path(self.data_root, "intrinsics", stem + ".txt")
        if camera.is_file():
            sample["intrinsics"] = read_intrinsics_file(camera)
        return sample

    def _listed_stems(self) -> list[str]:
        if not osp.isfile(self.ann_file):
            raise FileNotFoundError(f"{self.ann_file}: no such split file (ann_file).")
        lines = mmengine.list_from_file(
            self.ann_file, encoding="utf-8-sig", backend_args=self.backend_args
        )
        stems = [line.strip() for line in lines if line.strip()]
        if self.backend_args is None and "://" not in self.data_root:
            self._check_image_folder()
        self._check_suffixes(stems)
        return stems

    def _check_image_folder(self) -> None:
        folder = osp.join(self.data_root, self.image_folder)
        if osp.isdir(folder):
            return
        if not osp.isdir(self.data_root):
            raise FileNotFoundError(
                f"{folder}: no such image folder, as there is no {self.data_root}; check data_root."
            )
        raise FileNotFoundError(
            f"{folder}: no such image folder; {self.data_root} holds {folders_in(self.data_root)}: "
            "set image_folder=..., and the targets' folder=... likewise."
        )

    def _check_suffixes(self, stems: Sequence[str]) -> None:
        known = {*IMAGE_SUFFIXES, *self.image_suffixes}
        for stem in stems:
            root, suffix = osp.splitext(stem)
            if suffix.lower() not in known:
                continue
            found = (self._find(self.image_folder, s, self.image_suffixes) for s in (stem, root))
            if [path is not None for path in found] == [False, True]:
                raise ValueError(
                    f"{self.ann_file}: found {stem!r}, expected {root!r}: list stems, without "
                    "suffix."
                )

    def _find(self, folder: str, stem: str, suffixes: Sequence[str]) -> str | None:
        for suffix in suffixes:
            path = osp.join(self.data_root, folder, stem + suffix)
            if fileio.exists(path, backend_args=self.backend_args):
                return path
        return None

    def _samples_from_json(self) -> list[dict[str, Any]]:
        try:
            listed = json.loads(Path(self.ann_file).read_text("utf-8-sig"))["data_list"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f'{self.ann_file}: expected JSON {{"data_list": [...]}}, found {error!r}.'
            ) from error
        wanted = {"img_path", "intrinsics", *(t.path_key for t in self.targets.values())}
        known = wanted | {target.path_key for target in known_targets().values()}
        samples = []
        for entry in listed:
            if "img_path" not in entry:
                raise ValueError(f"{self.ann_file}: the entry {entry} lacks img_path.")
            unknown = {key for key in entry if key.endswith("_path")} - known
            if unknown:
                raise ValueError(
                    f"{self.ann_file}: the entry of {entry['img_path']} has unknown paths "
                    f"{sorted(unknown)}; known are {sorted(known)}."
                )
            sample = {
                key: value if key == "intrinsics" else osp.join(self.data_root, value)
                for key, value in entry.items()
                if key in wanted
            }
            if not fileio.exists(sample["img_path"], backend_args=self.backend_args):
                raise FileNotFoundError(
                    f"{sample['img_path']}: no such image, listed in {self.ann_file}."
                )
            samples.append(sample)
        return samples
