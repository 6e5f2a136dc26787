import json
from pathlib import Path

import mmengine.dist.utils
import pytest
from mmengine.runner import Runner
from run_configs import small_run


def result_files(folder: Path) -> list[Path]:
    """Result files of a test run."""
    runner = Runner.from_cfg(small_run(folder))
    runner.test()
    return list(Path(runner.log_dir).glob("*.json"))


def test_the_first_process_writes_the_results(tmp_path: Path) -> None:
    (results,) = result_files(tmp_path)
    assert json.loads(results.read_text())["depth/rmse"] > 0


def test_another_process_writes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmengine.dist.utils, "get_rank", lambda group=None: 1)
    assert result_files(tmp_path) == []
