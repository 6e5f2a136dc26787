"""From a config to the samples of its splits, without stopping at a missing file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmaux.datasets.multi_task_dataset import MultiTaskDataset
from mmaux.datasets.multi_task_folder_dataset import MultiTaskFolderDataset
from mmaux.registry import DATASETS

from .loaded_sample import ListedSample
from .problem import Problem

SPLITS = ("train", "val", "test")


@dataclass
class SplitListing:
    """What the data set of a dataloader lists.

    Attributes:
        name: ``train``, ``val``, ``test``, or ``val and test`` where these are the same.
        datasets: The data sets below all wrappers.
        samples: Their samples; those whose image is missing are not among them.
        problems: Missing images, empty and unreadable lists.
        wrapper_pipelines: Types of wrappers with a pipeline of their own, which is not checked.
    """

    name: str
    datasets: list[MultiTaskDataset] = field(default_factory=list)
    samples: list[ListedSample] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    wrapper_pipelines: list[str] = field(default_factory=list)


def list_splits(cfg: Mapping[str, Any]) -> list[SplitListing]:
    """List the splits of all dataloaders in a config.

    Raises:
        ValueError: The config has no dataloader, or its data set cannot be built at all.
        TypeError: A data set is no :class:`MultiTaskDataset`.
    """
    names: dict[str, str] = {}
    configs: list[tuple[str, Mapping[str, Any]]] = []
    for split in SPLITS:
        loader = cfg.get(f"{split}_dataloader")
        if not loader:
            continue
        same = next((name for name, config in configs if config == loader["dataset"]), None)
        if same is None:
            configs.append((split, loader["dataset"]))
            names[split] = split
        else:
            names[same] += f" and {split}"
    if not configs:
        raise ValueError(
            "the config has none of train_dataloader, val_dataloader and test_dataloader; "
            "give a config that inherits from one of configs/_base_/datasets."
        )
    return [_list_split(names[split], config) for split, config in configs]


def leaf_configs(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The data sets inside ``ConcatDataset``, ``RepeatDataset`` and other wrappers' configs."""
    inner = config.get("datasets", config.get("dataset"))
    if inner is None:
        yield config
        return
    for part in [inner] if isinstance(inner, Mapping) else inner:
        yield from leaf_configs(part)


def _list_split(name: str, config: Mapping[str, Any]) -> SplitListing:
    listing = SplitListing(name, wrapper_pipelines=list(_wrappers_with_pipeline(config)))
    for leaf in leaf_configs(config):
        try:
            dataset = DATASETS.build({**leaf, "lazy_init": True})
        except TypeError as error:
            raise TypeError(f"{name}_dataloader.dataset: {leaf.get('type')}: {error}") from error
        if not isinstance(dataset, MultiTaskDataset):
            raise TypeError(
                f"{name}_dataloader.dataset is a {type(dataset).__name__}; check_data reads "
                "mmaux.MultiTaskDataset and its subclasses, such as mmaux.MultiTaskFolderDataset."
            )
        listing.datasets.append(dataset)
        infos = _list_infos(dataset, listing.problems)
        listing.samples += [ListedSample(dataset, info) for info in infos]
    return listing


def _wrappers_with_pipeline(config: Mapping[str, Any]) -> Iterator[str]:
    inner = config.get("datasets", config.get("dataset"))
    if inner is None:
        return
    if config.get("pipeline"):
        yield str(config["type"])
    for part in [inner] if isinstance(inner, Mapping) else inner:
        yield from _wrappers_with_pipeline(part)


def list_name(dataset: MultiTaskDataset) -> str:
    """What names a data set in a problem: its list, or else its folder."""
    return dataset.ann_file or dataset.data_root


def _list_infos(dataset: MultiTaskDataset, problems: list[Problem]) -> list[dict[str, Any]]:
    source = list_name(dataset)
    try:
        if isinstance(dataset, MultiTaskFolderDataset) and not source.endswith(".json"):
            infos = _infos_of_stems(dataset, problems)
        else:
            infos = _taken(dataset, dataset.of_subset(dataset.list_samples()))
    except (ValueError, OSError) as error:
        fix = "nothing of this list is looked at before that is corrected."
        problems.append(_list_problem(dataset, error, fix))
        return []
    if not infos and not problems:
        fix = "check ann_file and data_root."
        problems.append(Problem(source, "list", "the split is empty (no sample listed)", fix))
    return infos


def _infos_of_stems(
    dataset: MultiTaskFolderDataset, problems: list[Problem]
) -> list[dict[str, Any]]:
    infos = []
    stems = dataset.stems()
    for stem in stems if dataset.subset else _taken(dataset, stems):
        try:
            infos.append(dataset.sample_of_stem(stem))
        except (ValueError, OSError) as error:
            fix = f"restore it, or remove the sample from {list_name(dataset)}."
            problems.append(_list_problem(dataset, error, fix))
    # Which samples a subset has is known from all of them only.
    return _taken(dataset, dataset.of_subset(infos)) if dataset.subset else infos


def _taken(dataset: MultiTaskDataset, items: list[Any]) -> list[Any]:
    """The part that the config's ``indices`` takes, as in mmengine's ``BaseDataset``."""
    indices = dataset._indices
    if indices is None:
        return items
    if isinstance(indices, int):
        return items[:indices] if indices >= 0 else items[indices:]
    return [items[index] for index in indices]


def _list_problem(dataset: MultiTaskDataset, error: Exception, fix: str) -> Problem:
    """Names the file that the message begins with, or else the list."""
    file, colon, found = str(error).partition(": ")
    if not colon or not file.startswith((dataset.data_root, dataset.ann_file or "\0")):
        file, found = list_name(dataset), str(error)
    return Problem(file, "missing", found.rstrip("."), fix)
