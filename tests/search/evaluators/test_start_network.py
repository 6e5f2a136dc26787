import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from mmaux.search.evaluators.start_network import Weights, kept_weights


class Maker:
    """Counts how often the weights are made."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Weights:
        self.calls += 1
        time.sleep(0.05)
        return {"a.weight": torch.full((2,), float(self.calls))}


def test_made_once_for_several_that_come_together(tmp_path: Path) -> None:
    make = Maker()
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(kept_weights, tmp_path, "start", made_of={"seed": 0}, make=make)
            for _ in range(4)
        ]
    assert make.calls == 1
    for job in jobs:
        assert job.result()["a.weight"].tolist() == [1.0, 1.0]


def test_what_they_are_made_of_tells_files_apart(tmp_path: Path) -> None:
    make = Maker()
    first = {"size": (1, 2), "seed": 0}
    kept_weights(tmp_path, "start", made_of=first, make=make)
    other = kept_weights(tmp_path, "start", made_of={**first, "seed": 1}, make=make)
    assert other["a.weight"].tolist() == [2.0, 2.0]
    again = kept_weights(tmp_path, "start", made_of={"seed": 0, "size": [1, 2]}, make=make)
    assert again["a.weight"].tolist() == [1.0, 1.0]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> Weights:
        raise FloatingPointError("diverged")

    with pytest.raises(FloatingPointError):
        kept_weights(tmp_path, "start", made_of=0, make=fail)
    assert not list(tmp_path.glob("*.pth"))
    assert kept_weights(tmp_path, "start", made_of=0, make=Maker())["a.weight"].tolist() == [
        1.0,
        1.0,
    ]
