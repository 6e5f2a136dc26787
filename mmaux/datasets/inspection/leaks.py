"""Samples that are both trained and evaluated on."""

import os
from collections.abc import Sequence

from .listing import SplitListing, list_name
from .problem import Problem


def find_leaks(listings: Sequence[SplitListing]) -> list[Problem]:
    """One problem for each other split that shares images with the training split.

    Images are the same when their paths lead to the same file; equal names in different folders
    are not.
    """
    train = next((listing for listing in listings if listing.name.startswith("train")), None)
    if train is None:
        return []
    trained = {os.path.realpath(sample.image_path) for sample in train.samples}
    problems = []
    if train.name != "train":
        found = f"{train.name} read the very same data set"
        fix = "evaluate on samples that are not trained on."
        problems.append(Problem(list_name(train.datasets[0]), "leak", found, fix))
    for other in listings:
        shared = [s for s in other.samples if os.path.realpath(s.image_path) in trained]
        if other is train or not shared:
            continue
        stem = os.path.splitext(os.path.basename(shared[0].image_path))[0]
        found = (
            f"{len(shared)} of {len(other.samples)} samples of {other.name} are in the train split "
            f"too (first: {stem}), expected none"
        )
        fix = f"remove them here or from {list_name(train.datasets[0])}."
        problems.append(Problem(list_name(shared[0].dataset), "leak", found, fix))
    return problems
