from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from networks import network_config

from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.inference_forms import (
    EAGER,
    FORMS,
    Form,
    FormsDisagreeError,
    build_forms,
    choose_forms,
    peak_inference_bytes,
    peak_onnx_bytes,
    settle_batch_norms,
    write_onnx,
)
from mmaux.benchmarking.training_step import build_network
from mmaux.deploy import DeployedNetwork
from mmaux.models import MultiTaskEncoderDecoder


@pytest.fixture(scope="module")
def network() -> MultiTaskEncoderDecoder:
    built = build_network(Config({"model": network_config("semseg", "depth")})).eval()
    settle_batch_norms(built, torch.randn(4, 3, 32, 48))
    return built


def test_settled_maps_depend_on_the_image(network: MultiTaskEncoderDecoder) -> None:
    images = torch.randn(2, 3, 32, 48)
    with torch.no_grad():
        for found, mirrored in zip(
            DeployedNetwork(network)(images), DeployedNetwork(network)(images.flip(-1)), strict=True
        ):
            spread = float(found.max() - found.min())
            assert float((found - mirrored).abs().max()) > 0.3 * spread
    assert not network.training
    assert {m.momentum for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)} == {0.1}


@pytest.mark.parametrize("name", ["fused", "fused, channels last", "fused, channels last, half"])
def test_a_form_computes_what_the_eager_network_does(
    network: MultiTaskEncoderDecoder, name: str
) -> None:
    images = torch.randn(2, 3, 32, 48)
    if not FORMS[name].runs_on("cpu"):
        pytest.skip("this CPU computes in float32 only")
    graphs, deviations = build_forms(network, images, {EAGER: FORMS[EAGER], name: FORMS[name]})
    assert deviations[EAGER] == 0
    assert 0 < deviations[name] <= FORMS[name].tolerance
    other = torch.randn(2, 3, 32, 48)
    with torch.no_grad():
        pairs = zip(graphs[name](other), DeployedNetwork(network)(other), strict=True)
        for found, expected in pairs:
            deviation = float((found - expected).square().mean().sqrt() / expected.std())
            assert deviation < 2 * FORMS[name].tolerance


def test_a_form_that_computes_something_else_is_refused(network: MultiTaskEncoderDecoder) -> None:
    def wrong(network, example):
        graph = DeployedNetwork(network)
        return lambda images: graph(images.flip(-1))

    images = torch.randn(1, 3, 32, 48)
    with pytest.raises(FormsDisagreeError, match="form 'wrong' deviates from the eager network"):
        build_forms(network, images, {EAGER: FORMS[EAGER], "wrong": Form(wrong)})


def test_choice() -> None:
    assert list(choose_forms(["fused*"], device="cpu"))[:2] == [EAGER, "fused"]
    assert "ONNX Runtime" in choose_forms(["*"], device="cpu")
    assert "ONNX Runtime" not in choose_forms(["*"], device="cuda")
    with pytest.raises(ValueError, match=r"--forms: nothing is named 'fusd'; there are \['eager'"):
        choose_forms(["fusd"], device="cpu")


def test_memory_is_counted_from_the_images_on(
    tmp_path: Path, network: MultiTaskEncoderDecoder
) -> None:
    pytest.importorskip("onnxruntime")
    images = 64 * 3 * 96 * 128 * 4
    limit = 40 * images  # the packages alone take more; the network's own share varies twofold
    content = {"model": network_config("semseg", "depth")}
    arguments = (content, "fused", 64, (96, 128), "cpu")
    assert limit > run_in_fresh_process(peak_inference_bytes, *arguments) > images
    file = write_onnx(network, torch.zeros(1, 3, 96, 128), tmp_path / "network.onnx")
    assert limit > run_in_fresh_process(peak_onnx_bytes, file, 64, (96, 128)) > images
