import json
from pathlib import Path

import mmengine.dist.utils
import pytest
from mmengine.runner import Runner
from run_configs import small_run

from mmaux.engine.hooks import MasterLoggerHook


def test_only_the_first_process_writes_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner.from_cfg(small_run(tmp_path))
    runner.test()
    (results,) = Path(runner.log_dir).glob("*.json")
    assert json.loads(results.read_text())["depth/rmse"] > 0
    results.unlink()

    (hook,) = (hook for hook in runner.hooks if isinstance(hook, MasterLoggerHook))
    monkeypatch.setattr(mmengine.dist.utils, "get_rank", lambda group=None: 1)
    hook.after_test_epoch(runner)
    assert not results.exists()
    monkeypatch.undo()
    hook.after_test_epoch(runner)
    assert results.exists()
