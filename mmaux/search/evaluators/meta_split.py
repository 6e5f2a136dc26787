"""Meta-train and meta-val, both cut from a config's training split."""

import copy
from dataclasses import dataclass
from typing import Any

from mmengine.config import Config

from mmaux.utils.type_name import type_name


@dataclass(frozen=True)
class MetaSplit:
    """Configs of the data sets that candidates are trained and measured on.

    Attributes:
        train: Meta-train under the training pipeline without its flip.
        flipped: The same under the pipeline with every sample flipped; None if the pipeline has no
            flip.
        flip_prob: Probability of a flip.
        val: Meta-val under the validation pipeline.
        num_train: Samples to use of meta-train at most; None for all.
        num_val: The same of meta-val.
    """

    train: dict[str, Any]
    flipped: dict[str, Any] | None
    flip_prob: float
    val: dict[str, Any]
    num_train: int | None = None
    num_val: int | None = None


def cut_meta_split(
    config: Config,
    *,
    val_fraction: float,
    val_seed: int = 0,
    num_train: int | None = None,
    num_val: int | None = None,
) -> MetaSplit:
    """Cut a config's training data in two by ``val_fraction`` of the data sets.

    The test split is not looked at: meta-val is the held-out part of the training split under the
    pipeline of the config's validation data.

    Args:
        config: A training config.
        val_fraction: Part of the training split that becomes meta-val.
        val_seed: Another seed, another part.
        num_train: Use at most so many samples of meta-train, evenly spread over its list.
        num_val: The same of meta-val.

    Raises:
        ValueError: The training data are not one data set in files, hold a part out already, or
            have several flips or one in several directions.
    """
    dataset = _plain(config.train_dataloader.dataset)
    if "data_root" not in dataset:
        raise ValueError(
            f"the training data are a {dataset.get('type')} without data_root; meta-val can be cut "
            "from a single data set in files only."
        )
    if dataset.get("val_fraction") is not None:
        raise ValueError(
            "the training data hold a part out already (val_fraction="
            f"{dataset['val_fraction']}); name a config that trains on its whole split."
        )
    for name, value in (("num_train", num_train), ("num_val", num_val)):
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; expected 1 or more, or None for all.")
    dataset |= {"val_fraction": val_fraction, "val_seed": val_seed}
    pipeline = dataset["pipeline"]
    flips = [step for step in pipeline if type_name(step).endswith("RandomFlip")]
    if len(flips) > 1 or any(_probability(flip) is None for flip in flips):
        raise ValueError(
            f"the training pipeline has the flips {flips}; expected at most one, with a number as "
            "prob and one direction."
        )
    train = {**dataset, "subset": "train"}
    flipped = None
    if flips:
        always = [{**step, "prob": 1.0} if step in flips else step for step in pipeline]
        flipped = {**train, "pipeline": always}
    return MetaSplit(
        train={**train, "pipeline": [step for step in pipeline if step not in flips]},
        flipped=flipped,
        flip_prob=_probability(flips[0]) or 0.0 if flips else 0.0,
        val={
            **dataset,
            "subset": "val",
            "test_mode": True,
            "pipeline": _plain(config.val_dataloader.dataset)["pipeline"],
        },
        num_train=num_train,
        num_val=num_val,
    )


def _plain(dataset: Any) -> dict[str, Any]:
    found = dataset.to_dict() if hasattr(dataset, "to_dict") else copy.deepcopy(dict(dataset))
    return dict(found)


def _probability(flip: dict[str, Any]) -> float | None:
    """Of a flip in one direction; None otherwise."""
    prob = flip.get("prob")
    one_way = isinstance(flip.get("direction", "horizontal"), str)
    return float(prob) if one_way and isinstance(prob, int | float) else None
