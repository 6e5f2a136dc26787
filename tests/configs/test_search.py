"""The searches' configs: every part is built, and a candidate is evaluated, on small data."""

from pathlib import Path

import pytest
from mmengine.config import Config
from room_folder import write_room
from small_runs import CONFIGS

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture
from mmaux.registry import SEARCH_EVALUATORS
from mmaux.search import SearchSpace
from mmaux.search.rank_study import RankStudy
from mmaux.search.reward import reward_metrics

FILES = sorted((CONFIGS / "search").glob("*.py"))
TASKS = {
    "auxi_search_all_mbv2_rooms": ("semseg", "depth", "normal"),
    "auxi_search_all_mbv2_sunrgbd": ("semseg", "depth", "normal"),
    "auxi_search_mbv2_nyud": ("semseg", "depth"),
    "auxi_search_mbv2_rooms": ("semseg", "depth"),
}
EVERY = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def test_every_config_is_tested() -> None:
    assert {file.stem for file in FILES} == TASKS.keys()


@EVERY
def test_config_survives_dump_and_reload(file: Path, tmp_path: Path) -> None:
    config = Config.fromfile(file)
    config.dump(tmp_path / "dumped.py")
    assert Config.fromfile(tmp_path / "dumped.py").to_dict() == config.to_dict()


@EVERY
def test_space_is_that_of_the_network(file: Path) -> None:
    search = Config.fromfile(file).search
    space = SearchSpace(**search.space)
    network = Config.fromfile(CONFIGS / search.evaluator.config.removeprefix("mmaux::")).model
    assert space.tasks == tuple(network.heads) == TASKS[file.stem]
    assert space.num_inputs == len(network.auxiliary.taps)
    assert search.evaluator.work_dir == f"work_dirs/{file.stem}"


@EVERY
def test_a_candidate_is_evaluated(file: Path, tmp_path: Path) -> None:
    write_room(tmp_path / "room")
    config = Config.fromfile(file)
    small = {"iterations": 1, "batch_size": 2, "points": 1, "start_iterations": 1}
    small |= {"val_fraction": 0.34, "work_dir": str(tmp_path / "work")}
    config.merge_from_dict({f"search.evaluator.{name}": value for name, value in small.items()})
    config.search.evaluator.options.train_dataloader.dataset.data_root = str(tmp_path / "room")
    # No download.
    config.search.evaluator.options["model.backbone.init_cfg"] = None
    evaluator = SEARCH_EVALUATORS.build({**config.search.evaluator, "device": "cpu"})
    tasks = TASKS[file.stem]
    found = evaluator.evaluate(AuxiliaryArchitecture.basic(num_inputs=4, tasks=tasks), seed=0)
    assert 0 < found.reward < 1
    assert found.metrics.keys() >= reward_metrics(tasks).keys()
    assert len(list((tmp_path / "work").glob("start_*.pth"))) == 1


@EVERY
def test_rank_study_compares_with_a_longer_training(file: Path) -> None:
    study = RankStudy.from_config(Config.fromfile(file).to_dict(), architectures=2)
    assert [variant.name for variant in study.cheap][:2] == ["search", "half"]
    cheap = study.cheap[0].evaluator
    assert study.cheap[1].evaluator == {**cheap, "iterations": cheap["iterations"] // 2}
    assert study.long.evaluator["iterations"] >= 5 * cheap["iterations"]
    assert len({variant.settings for variant in study.variants}) == len(study.variants)
