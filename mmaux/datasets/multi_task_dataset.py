"""Base of data sets whose images carry any subset of targets."""

import json
import os.path as osp
from abc import abstractmethod
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mmengine import fileio
from mmseg.datasets import BaseSegDataset
from torch import Tensor

from .held_out import check_subset, hold_out
from .missing_files import fix_of_missing_target
from .targets import Target, TargetsSpec, build_targets
from .transforms.foreign_transforms import refuse_foreign_transforms


class MultiTaskDataset(BaseSegDataset):
    """Images plus any subset of targets, any of which may be missing for a sample.

    A subclass says which samples there are (:meth:`list_samples`); loading, checking and geometry
    are the targets' and the transforms' work.

    Args:
        targets: Tasks to load: names (``('semseg', 'depth', 'normal')``) or a config for each
            (see :func:`mmaux.datasets.targets.build_targets`).
        data_root: Folder of the data set.
        ann_file: List of the samples, as the subclass defines it.
        allow_missing: Which targets a sample may lack: none (False), any (True) or the named
            task or tasks. A sample without its target adds nothing to that task's loss and metrics.
        metainfo: ``classes`` and ``palette`` where the class does not define them; without
            either, the classes are those in ``meta.json``. ``scenes`` likewise, for the target
            ``scene``.
        intrinsics: Camera matrix ``[[fx, 0, cx], [0, fy, cy], [0, 0, 1]]`` in pixels of the
            stored images; by default the one in ``meta.json``, if any.
        val_fraction: Part of the listed samples that is held out for validation, so that choices
            are made without the test split. The same in the training and the validation data.
        val_seed: Another seed, another part.
        subset: ``'train'``, all but the held-out part, or ``'val'``, that part.
        kwargs: Arguments of :class:`mmseg.datasets.BaseSegDataset` (pipeline, test_mode,
            reduce_zero_label, indices, ...).

    Raises:
        ValueError: A task is unknown, the list is empty, a file is missing that may not be, the
            pipeline would leave a target behind, or ``val_fraction`` and ``subset`` do not go
            together.
    """

    def __init__(
        self,
        *,
        targets: TargetsSpec,
        data_root: str,
        ann_file: str = "",
        allow_missing: bool | str | Sequence[str] = False,
        metainfo: dict[str, Any] | None = None,
        intrinsics: Sequence[Sequence[float]] | None = None,
        val_fraction: float | None = None,
        val_seed: int = 0,
        subset: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_subset(fraction=val_fraction, subset=subset)
        self.val_fraction, self.val_seed, self.subset = val_fraction, val_seed, subset
        self.targets: dict[str, Target] = build_targets(targets)
        self.may_lack = self._missing_policy(allow_missing)
        self.layout = self._read_layout(Path(data_root))
        self.intrinsics = self.layout.get("intrinsics") if intrinsics is None else intrinsics
        metainfo = dict(metainfo or {})
        if "classes" not in self.METAINFO:
            metainfo.setdefault("classes", tuple(self.layout.get("classes", ())))
        if "scenes" not in self.METAINFO and "scenes" in self.layout:
            metainfo.setdefault("scenes", tuple(self.layout["scenes"]))
        kwargs.setdefault("data_prefix", {})
        lazy_init = kwargs.pop("lazy_init", False)
        super().__init__(
            ann_file=ann_file, data_root=data_root, metainfo=metainfo, lazy_init=True, **kwargs
        )
        refuse_foreign_transforms(self.pipeline.transforms, self.targets.values())
        self._check_layout_classes()
        source = tuple(self.METAINFO.get("classes", self._metainfo["classes"]))
        for target in self.targets.values():
            target.bind(metainfo={**self._metainfo, "layout": self.layout}, source_classes=source)
        if not lazy_init:
            self.full_init()

    @abstractmethod
    def list_samples(self) -> list[dict[str, Any]]:
        """The samples: ``img_path`` and the path of every target that could exist.

        Each is a dict with ``img_path``, a path under every target's ``path_key`` (absent if the
        sample has none by definition), and optionally ``intrinsics``.
        """

    def load_data_list(self) -> list[dict[str, Any]]:
        """Complete the listed samples, dropping targets whose file is allowed to be absent."""
        samples = self.list_samples()
        if not samples:
            raise ValueError(
                f"{self.ann_file or self.data_root}: the split is empty (no sample listed); "
                "check ann_file and data_root."
            )
        samples = self.of_subset(samples)
        lacking: dict[str, list[str]] = {task: [] for task in self.targets}
        for sample in samples:
            for task, target in self.targets.items():
                path = sample.get(target.path_key)
                if path is None or not fileio.exists(path, backend_args=self.backend_args):
                    lacking[task].append(path or f"(none listed for {sample['img_path']})")
                    sample.pop(target.path_key, None)
            sample.setdefault("intrinsics", self.intrinsics)
            sample.update(
                label_map=self.label_map, reduce_zero_label=self.reduce_zero_label, seg_fields=[]
            )
        self._check_missing(lacking, len(samples))
        return samples

    def of_subset(self, samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The samples of ``subset``, in their order; all of them without one.

        A sample is known by its image's path relative to ``data_root``.
        """
        if self.val_fraction is None:
            return samples
        keys = [
            osp.relpath(sample["img_path"], self.data_root).replace(osp.sep, "/")
            for sample in samples
        ]
        held_out = hold_out(keys, fraction=self.val_fraction, seed=self.val_seed)
        wanted = self.subset == "val"
        return [
            sample for key, sample in zip(keys, samples, strict=True) if (key in held_out) == wanted
        ]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """The sample's entry, with the target objects that the transforms ask."""
        info = super().get_data_info(idx)
        info["targets"] = self.targets
        return info

    def load_targets(self, idx: int) -> dict[str, Tensor]:
        """The sample's targets alone, (C, H, W) at their own size, by data-sample field."""
        info = self.get_data_info(idx)
        return {
            target.sample_field: target.to_tensor(
                target.load(info[target.path_key], backend_args=self.backend_args)
            )
            for target in self.targets.values()
            if target.path_key in info
        }

    def count_targets(self) -> dict[str, int]:
        """How many samples have each target."""
        self.full_init()
        infos = [BaseSegDataset.get_data_info(self, i) for i in range(len(self))]
        return {
            task: sum(target.path_key in info for info in infos)
            for task, target in self.targets.items()
        }

    def _missing_policy(self, allow_missing: bool | str | Sequence[str]) -> frozenset[str]:
        if isinstance(allow_missing, bool):
            return frozenset(self.targets if allow_missing else ())
        allow_missing = [allow_missing] if isinstance(allow_missing, str) else allow_missing
        unknown = set(allow_missing) - set(self.targets)
        if unknown:
            raise ValueError(
                f"allow_missing names {sorted(unknown)}, which are not among the targets "
                f"{list(self.targets)}."
            )
        return frozenset(allow_missing)

    def _check_missing(self, lacking: dict[str, list[str]], total: int) -> None:
        for task, paths in lacking.items():
            if paths and task not in self.may_lack:
                fix = fix_of_missing_target(
                    paths[0],
                    self.targets[task],
                    data_root=self.data_root,
                    otherwise="restore the files",
                )
                raise ValueError(
                    f"{paths[0]}: missing {task} target ({len(paths)} of {total} samples lack "
                    f"theirs). {fix[0].upper()}{fix[1:]}, leave the task out of targets, or accept "
                    f"partly labelled data with allow_missing=({task!r},)."
                )

    def _check_layout_classes(self) -> None:
        found = self.layout.get("classes")
        expected = self.METAINFO.get("classes", self._metainfo["classes"])
        if "semseg" in self.targets and found and expected and list(found) != list(expected):
            pairs = zip_longest(found, expected)
            first = next(i for i, (a, b) in enumerate(pairs) if a != b)
            raise ValueError(
                f"{self.data_root}/meta.json: converted with {len(found)} classes, but "
                f"{type(self).__name__} is configured for {len(expected)} (class {first} is "
                f"{dict(enumerate(found)).get(first)!r} there and "
                f"{dict(enumerate(expected)).get(first)!r} here); convert again or change the "
                "config."
            )

    @staticmethod
    def _read_layout(root: Path) -> dict[str, Any]:
        path = root / "meta.json"
        if not path.is_file():
            return {}
        try:
            content = json.loads(path.read_text("utf-8-sig"))
        except ValueError as error:
            raise ValueError(
                f"{path}: not valid JSON ({error}); convert the data again."
            ) from error
        if not isinstance(content, dict):
            raise ValueError(f"{path}: expected a JSON object, found a {type(content).__name__}.")
        return content
