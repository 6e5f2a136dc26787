"""The config lines and the names of docs/optimization.md."""

import inspect
import re

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from small_runs import REPOSITORY

import mmaux.engine.optimizers
from mmaux.conflicts.advice import BATCHES, IMBALANCE
from mmaux.registry import TASK_OPTIMIZATION

torchjd_aggregation = pytest.importorskip("torchjd.aggregation")
torchjd_scalarization = pytest.importorskip("torchjd.scalarization")

TEXT = (REPOSITORY / "docs" / "optimization.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
METHODS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("method = ")]


@pytest.mark.parametrize("line", METHODS)
def test_method_is_built(line: str) -> None:
    method = TASK_OPTIMIZATION.build(Config.fromstring(line, ".py").method)
    assert isinstance(method, mmaux.engine.optimizers.BaseMethod)


def test_there_are_config_lines_for_every_method() -> None:
    kinds = {re.search(r'type="mmaux\.(\w+)"', line).group(1) for line in METHODS}
    assert kinds == {"Scalarization", "GradNorm", "Aggregation", "Alternation"}
    assert len(METHODS) == 10


def test_the_first_block_is_an_optimizer_wrapper() -> None:
    config = Config.fromstring(BLOCKS[0], ".py")
    wrapper = build_optim_wrapper(torch.nn.Linear(1, 1), config.optim_wrapper)
    assert (wrapper.method.groups, wrapper.method.state) == (2, "per_task")
    assert config.train_cfg.type == "mmaux.ResumableTrainLoop"


@pytest.mark.parametrize(
    ("module", "base"),
    [(torchjd_aggregation, "Aggregator"), (torchjd_scalarization, "Scalarizer")],
)
def test_every_name_of_torchjd_is_there(module, base) -> None:
    abstract = {"WeightedAggregator", "GramianWeightedAggregator"}
    kinds = {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, getattr(module, base))
        and not inspect.isabstract(value)
        and name not in abstract
    }
    named = set(re.findall(r"`(\w+)(?:\([\w, ]+\))?`", TEXT))
    assert kinds - named == set()


def test_every_public_name_of_ours_is_there() -> None:
    assert [name for name in mmaux.engine.optimizers.__all__ if name not in TEXT] == []


def test_rules_are_those_of_the_command() -> None:
    assert f"more than {IMBALANCE:g} times the smallest" in TEXT
    assert f"fewer than {BATCHES} batches" in TEXT


def test_needs_are_those_of_torchjd() -> None:
    rows = re.findall(r"^\| `(\w+)(?:\([^)]*\))?` \|[^|]*\| (Gramian|matrix[^|]*) \|", TEXT, re.M)
    assert len(rows) == 13
    for name, needs in rows:
        kind = getattr(torchjd_aggregation, name)
        of_gramian = issubclass(kind, torchjd_aggregation.GramianWeightedAggregator)
        weights = issubclass(kind, torchjd_aggregation.WeightedAggregator)
        assert needs == ("Gramian" if of_gramian else "matrix, weights" if weights else "matrix"), (
            name
        )
