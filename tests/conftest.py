import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

# Tiny networks, several test processes: more threads only wait for each other. torch reads it when
# it is imported, in this process and in those that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest


@contextmanager
def default_scope_restored() -> Iterator[None]:
    """A Runner leaves its default scope behind, under which other tests would build."""
    from mmengine.registry import DefaultScope

    before = dict(DefaultScope._instance_dict)
    yield
    DefaultScope._instance_dict.clear()
    DefaultScope._instance_dict.update(before)


@pytest.fixture(autouse=True)
def restore_default_scope() -> Iterator[None]:
    with default_scope_restored():
        yield


@pytest.fixture(autouse=True, scope="module")
def restore_default_scope_of_module() -> Iterator[None]:
    """After fixtures that serve a whole module, which are set up before a test's own."""
    with default_scope_restored():
        yield


def pytest_collection_finish() -> None:
    """mmengine collects garbage for each data set; what was imported need not be walked again."""
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="takes minutes; run it with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)
