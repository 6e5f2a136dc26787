import pytest
from mmengine.config import Config

from mmaux.experiments import rooms_folder
from mmaux.experiments.rooms_folder import ensure_rooms


@pytest.fixture
def rendered(monkeypatch):
    calls = []
    monkeypatch.setattr(
        rooms_folder, "render_rooms", lambda out, **options: calls.append((out, options))
    )
    return calls


def test_rooms_are_rendered_where_there_are_none(tmp_path, rendered, capsys):
    root = tmp_path / "rooms"
    config = Config({"train_dataloader": {"dataset": {"data_root": str(root)}}})
    ensure_rooms([config], train=30, test=10)
    ((out, options),) = rendered
    assert out == root
    assert options.pop("workers") >= 1
    assert options == {"train": 30, "test": 10, "seed": 0}
    assert "rendering 30 images for training and 10 for testing with seed 0" in (
        capsys.readouterr().out
    )
    root.mkdir()
    ensure_rooms([config], train=30, test=10)
    assert len(rendered) == 2, "half rendered: it has no meta.json yet"
    (root / "meta.json").write_text("{}")
    ensure_rooms([config], train=30, test=10)
    assert len(rendered) == 2


def test_rooms_without_scenes_get_them_if_a_config_asks(tmp_path, monkeypatch, capsys):
    root = tmp_path / "rooms"
    root.mkdir()
    (root / "meta.json").write_text("{}")
    folders = []
    monkeypatch.setattr(rooms_folder, "add_scenes", folders.append)
    dense, scene = (
        Config({"train_dataloader": {"dataset": {"data_root": str(root), "targets": targets}}})
        for targets in ({"depth": {}}, {"depth": {}, "scene": {}})
    )
    ensure_rooms([dense, dense], train=3, test=1)
    assert folders == []
    ensure_rooms([dense, scene], train=3, test=1)
    assert folders == [root]
    assert "lack their scenes: adding them" in capsys.readouterr().out
    (root / "scene").mkdir()
    ensure_rooms([dense, scene], train=3, test=1)
    assert folders == [root]
