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
    ensure_rooms(config, train=30, test=10)
    ((out, options),) = rendered
    assert out == root
    assert options.pop("workers") >= 1
    assert options == {"train": 30, "test": 10, "seed": 0}
    assert "rendering 30 images for training and 10 for testing with seed 0" in (
        capsys.readouterr().out
    )
    root.mkdir()
    ensure_rooms(config, train=30, test=10)
    assert len(rendered) == 2, "half rendered: it has no meta.json yet"
    (root / "meta.json").write_text("{}")
    ensure_rooms(config, train=30, test=10)
    assert len(rendered) == 2
