import pytest

from mmaux.visualization.painters import registered


@pytest.fixture(autouse=True)
def only_shipped_painters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests register painters; so does the example, when its tests run in the same process."""
    shipped = {"sem_seg", "depth_map", "normal_map"}
    painters = {field: p for field, p in registered._PAINTERS.items() if field in shipped}
    monkeypatch.setattr(registered, "_PAINTERS", painters)
