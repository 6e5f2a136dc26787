"""What the demo refuses before it renders or trains anything."""

import json
import sys
from pathlib import Path

import pytest

from mmaux.experiments.demo import NETWORKS, DemoSettings, run_demo
from mmaux.utils.files import OutputPathError


def test_without_the_renderer_it_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "embreex", None)  # Python then refuses to import it
    message = r"rendering rooms needs the module `embreex`.*python -m pip install .*embreex"
    with pytest.raises(ImportError, match=message):
        run_demo(tmp_path / "demo", DemoSettings())
    assert not (tmp_path / "demo" / "rooms").exists()


def test_a_folder_of_other_settings_lists_all_that_differ(tmp_path: Path) -> None:
    settings = DemoSettings(train=4, test=2, size=(48, 64))
    (tmp_path / "demo.json").write_text(
        json.dumps({"train": 5, "test": 2, "size": [96, 64], "seed": 0, "overrides": {}})
    )
    with pytest.raises(ValueError, match=r"train 5 \(now 4\), size \[96, 64\] \(now \[48, 64\]\)"):
        run_demo(tmp_path, settings)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputPathError, match="taken' is a file"):
        run_demo(tmp_path / "taken" / "demo", DemoSettings())


def test_the_baseline_comes_first() -> None:
    assert list(NETWORKS) == ["joint", "auxi_all"]
