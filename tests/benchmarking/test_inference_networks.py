import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config

from mmaux.benchmarking.inference_networks import build_inference_networks
from mmaux.benchmarking.synthetic_batch import synthetic_batch


@pytest.fixture
def config_of(tmp_path):
    def write(name, **changes):
        network = network_config(**changes)
        del network["data_preprocessor"]["size_divisor"]
        network["data_preprocessor"]["size"] = (32, 48)
        pipeline = [
            {"type": "mmaux.LoadImageFromFile"},
            {"type": "mmaux.LoadTargets"},
            {"type": "mmaux.PackMultiTaskInputs"},
        ]
        content = {"default_scope": "mmaux", "model": network, "test_pipeline": pipeline}
        Config(content).dump(tmp_path / f"{name}.py")
        return Config.fromfile(tmp_path / f"{name}.py")

    return write


def test_three_networks_hold_the_given_weights(config_of, tmp_path):
    trained = config_of("auxi", auxiliary=auxiliary())
    weights = build_network(auxiliary=auxiliary(), seed=7)
    torch.save({"state_dict": weights.state_dict()}, tmp_path / "seven.pth")
    networks = build_inference_networks(
        trained, config_of("joint"), folder=tmp_path, checkpoint=str(tmp_path / "seven.pth")
    )
    for network in (networks.trained, networks.stripped, networks.joint):
        assert not network.training
        state = network.state_dict()
        assert torch.equal(state["backbone.conv1.conv.weight"], weights.backbone.conv1.conv.weight)
    assert networks.trained.auxiliary is not None
    assert networks.stripped.auxiliary is None
    assert "pred_depth_map" in networks.removal.fields
    batch = synthetic_batch(networks.joint, batch_size=1, size=(32, 48))
    assert networks.joint.test_step(batch)[0].pred_depth_map.data.shape == (1, 32, 48)


def test_configs_that_do_not_belong_together(config_of, tmp_path):
    auxi, joint = config_of("auxi", auxiliary=auxiliary()), config_of("joint")
    with pytest.raises(ValueError, match=r"joint\.py: the network has no auxiliary module"):
        build_inference_networks(joint, joint, folder=tmp_path)
    smaller = config_of("two", heads={"semseg": network_config("semseg")["heads"]["semseg"]})
    with pytest.raises(ValueError, match=r"two\.py: not the network that is left of .*auxi\.py"):
        build_inference_networks(auxi, smaller, folder=tmp_path)
