"""Sizes of networks; the paper's are in table 1 of 1909.02214."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config
from small_runs import CONFIGS

from mmaux.deploy import measure_network, paper_parameters
from mmaux.registry import MODELS

TABLE_1 = {"mbv2": 3.31e6, "mbv2_context": 3.98e6, "mbv2_ushape": 4.19e6}
# Output strides of the backbone's four maps, and of the prediction before it is enlarged.
STRIDES = {
    "mbv2": ((4, 8, 8, 8), 8),
    "mbv2_context": ((4, 8, 8, 8), 8),
    "mbv2_ushape": ((4, 8, 16, 32), 4),
}


@pytest.mark.parametrize("network", TABLE_1)
def test_table_1(network: str) -> None:
    config = Config.fromfile(CONFIGS / f"auxi_both_{network}_nyud.py")
    size = measure_network(config, size=(65, 97))
    assert size.paper_parameters == TABLE_1[network]
    assert size.inference.parameters == pytest.approx(TABLE_1[network], rel=0.01)
    assert size.deviation == pytest.approx(size.inference.parameters / TABLE_1[network] - 1)
    # 40 classes and depth from a basic chain of width 64 each: four adaptors, one 1x1 layer.
    chain = (24 + 32 + 96 + 320) * 64 + 4 * 2 * 64
    extra = 2 * chain + (64 * 40 + 40) + (64 + 1)
    assert size.training.parameters - size.inference.parameters == extra
    assert size.training.flops > size.inference.flops > 0
    joint = CONFIGS / f"joint_{network}_nyud.py"
    assert paper_parameters(joint) == TABLE_1[network]
    assert Config.fromfile(joint).model.heads == config.model.heads


@pytest.mark.parametrize("network", TABLE_1)
def test_output_strides(network: str) -> None:
    model = MODELS.build(Config.fromfile(CONFIGS / f"joint_{network}_nyud.py").model).eval()
    with torch.no_grad():
        shared = model.extract_shared(torch.zeros(1, 3, 64, 96))
        raw = [head(model.maps_for_heads(shared)) for head in model.heads.values()]
    strides, stride = STRIDES[network]
    assert [tuple(m.shape[-2:]) for m in shared["backbone"]] == [
        (64 // s, 96 // s) for s in strides
    ]
    assert {tuple(m.shape[-2:]) for m in raw} == {(64 // stride, 96 // stride)}


def write(folder: Path, **model: object) -> Config:
    path = folder / "tiny.py"
    Config({"model": network_config("depth", **model)}).dump(path)
    return Config.fromfile(path)


def test_a_config_without_the_papers_number(tmp_path: Path) -> None:
    config = write(tmp_path, auxiliary=auxiliary())
    size = measure_network(config, size=(64, 64))
    assert (size.name, size.paper_parameters, size.deviation) == ("tiny", None, None)
    network = build_network("depth")
    assert size.inference.parameters == sum(p.numel() for p in network.parameters())
    assert size.to_dict()["inference"]["input_size"] == (64, 64)
    (tmp_path / "metafile.yml").write_text(
        "Models:\n  - Config: configs/tiny.py\n    Metadata: {Parameters (paper): 100000}\n"
    )
    assert measure_network(config, size=(64, 64)).paper_parameters == 100000
    assert paper_parameters(tmp_path / "other.py") is None


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"model\.data_preprocessor\.size is not set"):
        measure_network(write(tmp_path))
    with pytest.raises(ValueError, match="no `model`"):
        measure_network(Config({}))
    other = {"type": "mmseg.EncoderDecoder", "backbone": network_config("depth")["backbone"]}
    decoder = dict(network_config("depth")["heads"]["depth"]["decoder"], num_classes=3)
    with pytest.raises(ValueError, match="model is a EncoderDecoder"):
        measure_network(
            Config({"default_scope": "mmseg", "model": {**other, "decode_head": decoder}})
        )
