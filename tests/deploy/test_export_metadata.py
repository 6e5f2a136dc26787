import json

import pytest
from trained_network import network_of

from mmaux.deploy import ExportMetadata
from mmaux.version import __version__


def test_round_trip_and_content() -> None:
    metadata = ExportMetadata.of(
        network_of("u_shape"), classes=("a", "b", "c", "d", "e"), complete=True, size=(64, 96)
    )
    assert ExportMetadata.from_json(metadata.to_json()) == metadata
    content = json.loads(metadata.to_json())
    assert content["mmaux_version"] == __version__
    assert content["classes"] == ["a", "b", "c", "d", "e"]
    assert content["size"] == [64, 96]
    assert content["outputs"] == [
        {"task": "semseg", "channels": 5, "unit": "class id", "value_range": None},
        {"task": "depth", "channels": 1, "unit": "metre", "value_range": [1e-3, 80.0]},
        {"task": "normal", "channels": 3, "unit": "unit vector", "value_range": None},
    ]
    preparation = content["preparation"]
    assert preparation["mean"] == pytest.approx([103.53, 116.28, 123.675], rel=1e-7)
    assert preparation["std"] == pytest.approx([57.375, 57.12, 58.395], rel=1e-7)
    assert preparation["channel_order"] == "bgr"
    assert (preparation["size_divisor"], preparation["pad_value"]) == (32, 1.0)
    assert metadata.output_names == ("semseg", "depth", "normal")


def test_names_of_the_input_say_its_form() -> None:
    network = network_of("baseline")
    for complete, name in ((True, "image"), (False, "input")):
        metadata = ExportMetadata.of(network, classes=(), complete=complete, size=None)
        assert metadata.input_name == name
        assert ExportMetadata.from_json(metadata.to_json()).size is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"preparation": {}, "outputs": []}'])
def test_other_descriptions_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not one of mmaux .*export the network again"):
        ExportMetadata.from_json(text)


def test_head_that_delivers_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of("baseline")
    monkeypatch.setattr(type(network.heads["depth"]), "delivered", None)
    with pytest.raises(ValueError, match=r"heads\.depth: DepthHead cannot be exported"):
        ExportMetadata.of(network, classes=(), complete=False, size=None)
