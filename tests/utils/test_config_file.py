"""Configs by file and by name, for every command."""

from pathlib import Path

import pytest
from small_runs import CONFIGS, run_tool

from mmaux.utils.config_file import read_config


def test_by_name_as_by_file() -> None:
    by_name = read_config("mmaux::auxi_both_mbv2_nyud.py")
    by_file = read_config(CONFIGS / "auxi_both_mbv2_nyud.py")
    assert by_name.to_dict() == by_file.to_dict()
    assert Path(by_name.filename).name == "auxi_both_mbv2_nyud.py"
    assert read_config("mmaux::search/auxi_search_mbv2_rooms.py").search.controller
    assert read_config("mmseg::_base_/models/fcn_r50-d8.py").model.type == "EncoderDecoder"


def test_absent_ones_are_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.py"):
        read_config("absent.py")
    with pytest.raises(FileNotFoundError, match=r"absent\.py"):
        read_config("mmaux::absent.py")


def test_a_slip_of_the_pen_is_answered(tmp_path: Path) -> None:
    message = r"auxi_both_mbv2_nyu\.py.*; did you mean auxi_both_mbv2_nyud\.py or "
    with pytest.raises(FileNotFoundError, match=message):
        read_config("mmaux::auxi_both_mbv2_nyu.py")
    (tmp_path / "my_network.py").write_text("a = 1")
    with pytest.raises(FileNotFoundError, match=r"; did you mean my_network\.py\?$"):
        read_config(tmp_path / "my_netwrok.py")
    with pytest.raises(FileNotFoundError) as caught:
        read_config(tmp_path / "else.py")
    assert "did you mean" not in str(caught.value)


def test_a_checkpoint_in_the_configs_place() -> None:
    with pytest.raises(ValueError, match=r"'iter_9\.pth' is no config, .* comes before its check"):
        read_config("iter_9.pth")


def test_a_command_names_its_folder_after_the_config(tmp_path: Path) -> None:
    words = ["mmaux::joint_mbv2_rooms.py", "--cfg-options", "load_from=nowhere.pth"]
    done = run_tool("train.py", *words, cwd=tmp_path, fails=True)
    assert "load_from: there is no 'nowhere.pth'" in done.stdout
    assert [folder.name for folder in (tmp_path / "work_dirs").iterdir()] == ["joint_mbv2_rooms"]
