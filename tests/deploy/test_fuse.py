import pytest
import torch
from trained_network import NETWORKS, network_of, photographs

from mmaux.deploy import fuse_network
from mmaux.deploy.agreement import predict


def batch_norms(network: torch.nn.Module) -> int:
    return sum(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("name", NETWORKS)
def test_fused_network_is_equal_within_rounding(name: str) -> None:
    network = network_of(name)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    fused, count = fuse_network(network)
    assert count == batch_norms(network) > 20
    assert batch_norms(fused) == 0
    images = photographs(2, (75, 90))
    with torch.no_grad():
        inputs = torch.rand(1, 3, 64, 96) - 0.5
        expected, found = (n.encode_decode(inputs, []) for n in (network, fused))
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4 * float(expected.abs().max()))
    for task, reference in predict(network, images).items():
        other = predict(fused, images)[task]
        assert (other.shape, other.dtype) == (reference.shape, reference.dtype)
        kind = network.heads[task].delivered
        assert kind.deviation(other, reference) <= kind.tolerance
    after = network.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_training_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="in training mode"):
        fuse_network(network_of("baseline").train())
