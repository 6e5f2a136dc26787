from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmseg.structures import SegDataSample
from room_folder import SIZE, dataset_config, pipeline, write_room

from mmaux.models import MultiTaskDataPreProcessor
from mmaux.search.evaluators.memory_data import (
    TrainingSet,
    ValidationSet,
    load_training_set,
    load_validation_set,
    spread,
)
from mmaux.search.evaluators.meta_split import MetaSplit, cut_meta_split

RESIZE = {"type": "mmaux.Resize", "scale": (64, 48), "keep_ratio": True}


def split_of(root: Path, *transforms: dict[str, Any], **limits: int) -> MetaSplit:
    test = [
        {"type": "mmaux.LoadImageFromFile"},
        RESIZE,
        {"type": "mmaux.LoadTargets"},
        {"type": "mmaux.PackMultiTaskInputs"},
    ]
    train = pipeline(RESIZE, *transforms, {"type": "mmaux.RandomFlip", "prob": 0.5})
    config = {
        "train_dataloader": {"dataset": dataset_config(root, pipeline=train)},
        "val_dataloader": {"dataset": dataset_config(root, "test", pipeline=test)},
    }
    return cut_meta_split(Config(config), val_fraction=0.34, **limits)


def preprocessor(**changes: Any) -> MultiTaskDataPreProcessor:
    return MultiTaskDataPreProcessor(mean=[0.0] * 3, std=[1.0] * 3, **changes)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    return root


def test_the_second_version_is_the_first_one_mirrored(root: Path) -> None:
    data = load_training_set(split_of(root), preprocessor(size=(64, 64)))
    assert len(data) == 2
    assert data.inputs.shape == (2, 2, 3, 64, 64)
    plain, mirrored = data.samples[0][0], data.samples[1][0]
    inside = (..., slice(0, 48), slice(None))
    for field in ("gt_sem_seg", "gt_depth_map", "gt_normal_map"):
        before, after = plain.get(field).data[inside], mirrored.get(field).data[inside]
        expected = before.flip(-1)
        if field == "gt_normal_map":
            expected = expected * torch.tensor([-1.0, 1.0, 1.0])[:, None, None]
        torch.testing.assert_close(after, expected)
    # Padding below, with each target's own invalid value.
    assert set(plain.gt_sem_seg.data[0, 48:].unique().tolist()) == {255}
    assert not plain.gt_depth_map.data[0, 48:].any()


def numbered(count: int, *, flip_prob: float = 0.5) -> TrainingSet:
    """Image i of version v is filled with 10 v + i; so is its sample's number."""
    values = torch.tensor([[10.0 * v + i for i in range(count)] for v in range(2)])
    samples = tuple(
        tuple(SegDataSample(metainfo={"number": 10 * v + i}) for i in range(count))
        for v in range(2)
    )
    return TrainingSet(values[..., None, None, None].expand(2, count, 3, 2, 2), samples, flip_prob)


def drawn(data: TrainingSet, batch_size: int, seed: int, count: int) -> list[list[int]]:
    batches = list(islice(data.batches(batch_size, seed=seed), count))
    for batch in batches:
        assert batch["inputs"].shape == (batch_size, 3, 2, 2)
        numbers = [sample.number for sample in batch["data_samples"]]
        assert batch["inputs"][:, 0, 0, 0].tolist() == numbers
    return [[sample.number for sample in batch["data_samples"]] for batch in batches]


def test_batches_are_permutations_of_a_seed() -> None:
    torch.manual_seed(1)
    first = drawn(numbered(5), 3, seed=7, count=10)
    torch.manual_seed(2)
    assert drawn(numbered(5), 3, seed=7, count=10) == first
    assert drawn(numbered(5), 3, seed=8, count=10) != first
    order = [number % 10 for batch in first for number in batch]
    for start in range(0, 30, 5):
        assert sorted(order[start : start + 5]) == [0, 1, 2, 3, 4]
    assert drawn(numbered(2), 5, seed=0, count=1)[0].__len__() == 5


@pytest.mark.parametrize(("prob", "low", "high"), [(0.0, 0, 0), (1.0, 900, 900), (0.3, 220, 320)])
def test_flips_come_at_their_probability(prob: float, low: int, high: int) -> None:
    batches = drawn(numbered(5, flip_prob=prob), 9, seed=0, count=100)
    assert low <= sum(number >= 10 for batch in batches for number in batch) <= high


def test_validation_keeps_the_truth_at_its_own_size(root: Path) -> None:
    data = load_validation_set(split_of(root), preprocessor())
    assert len(data) == 1
    ((images, samples),) = data.batches(8)
    assert images.shape == (1, 3, 48, 64)
    assert samples[0].gt_depth_map.shape == SIZE
    assert data.metainfo["classes"]


def test_validation_batches_hold_one_size() -> None:
    sizes = [4, 4, 4, 6, 4]
    data = ValidationSet(
        inputs=tuple(torch.full((3, size, size), float(i)) for i, size in enumerate(sizes)),
        samples=tuple(SegDataSample(metainfo={"number": i}) for i in range(5)),
        metainfo={},
    )
    batches = list(data.batches(2))
    assert [[s.number for s in samples] for _, samples in batches] == [[0, 1], [2], [3], [4]]
    assert [images[:, 0, 0, 0].tolist() for images, _ in batches] == [[0, 1], [2], [3], [4]]


def test_limits_spread_over_the_list(root: Path) -> None:
    assert spread(10, 4) == [0, 2, 5, 7]
    assert spread(3, None) == spread(3, 5) == [0, 1, 2]
    limited = split_of(root, num_train=1, num_val=1)
    assert len(load_training_set(limited, preprocessor(size=(48, 64)))) == 1
    assert len(load_validation_set(limited, preprocessor())) == 1


def test_other_random_transforms_are_refused(root: Path) -> None:
    crop = {"type": "mmaux.RandomCrop", "crop_size": (32, 32)}
    with pytest.raises(ValueError, match=r"random beyond its flip.*schedule='short'"):
        load_training_set(split_of(root, crop), preprocessor())
