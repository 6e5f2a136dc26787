from collections.abc import Callable

import numpy as np
import pytest
import torch
from trained_network import network_of, photographs

from mmaux.deploy import (
    Agreement,
    DeployedNetwork,
    ExportDisagreesError,
    ExportedNetwork,
    ExportMetadata,
    ImagePreparation,
    verify_export,
)
from mmaux.models import MultiTaskEncoderDecoder

Change = Callable[[list[torch.Tensor]], None]


def in_place_of_a_file(
    network: MultiTaskEncoderDecoder, change: Change = lambda maps: None
) -> ExportedNetwork:
    """The network itself, with its outputs changed."""
    preparation = ImagePreparation.of(network.data_preprocessor)
    module = DeployedNetwork(network, preparation).eval()

    def graph(images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        maps = list(module(images))
        change(maps)
        return tuple(maps)

    metadata = ExportMetadata.of(network, classes=(), complete=True, size=None)
    return ExportedNetwork(metadata, graph)


@pytest.fixture(scope="module")
def network() -> MultiTaskEncoderDecoder:
    return network_of("baseline")


IMAGES = photographs(2, (64, 96))


def test_equal_networks(network: MultiTaskEncoderDecoder) -> None:
    agreements = verify_export(in_place_of_a_file(network), network, IMAGES)
    assert [a.task for a in agreements] == ["semseg", "depth", "normal"]
    assert all(a.holds for a in agreements)
    assert max(a.deviation for a in agreements) == 0


def other_classes(maps: list[torch.Tensor]) -> None:
    maps[0].view(-1)[: maps[0].numel() // 500] += 1  # 0.2 %


def deeper(maps: list[torch.Tensor]) -> None:
    maps[1][..., 5, 5] += 2e-3


def turned(maps: list[torch.Tensor]) -> None:
    angle = torch.tensor(np.deg2rad(0.2))
    x, y, _ = maps[2].clone().unbind(1)
    maps[2][:, 0] = angle.cos() * x - angle.sin() * y
    maps[2][:, 1] = angle.sin() * x + angle.cos() * y


def not_a_number_after_numbers(maps: list[torch.Tensor]) -> None:
    if len(maps[1]) == 2:
        maps[1][0, 0, 0, 0] = float("nan")


def smaller(maps: list[torch.Tensor]) -> None:
    maps[1] = maps[1][..., :-1]


def only_in_batches(maps: list[torch.Tensor]) -> None:
    if len(maps[1]) == 2:
        maps[1][1] += 1


def only_at_other_sizes(maps: list[torch.Tensor]) -> None:
    if maps[1].shape[-2:] != (64, 96):
        maps[1] += 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (other_classes, r"semseg: 0\.\d+ % other classes \(allowed 0\.1\)"),
        (deeper, r"depth: 0\.002 m \(allowed 0\.001\)"),
        (turned, r"normal: 0\.\d+ degree \(allowed 0\.1\)"),
        (not_a_number_after_numbers, r"depth: nan m"),
        (smaller, r"depth: the exported network gives a map of shape \(1, 1, 64, 95\)"),
        (only_in_batches, r"depth: 1 m"),
        (only_at_other_sizes, r"depth: 1 m"),
    ],
)
def test_each_difference_is_found(
    network: MultiTaskEncoderDecoder, change: Change, message: str
) -> None:
    with pytest.raises(ExportDisagreesError, match=message):
        verify_export(in_place_of_a_file(network, change), network, IMAGES)


def test_channels_in_the_wrong_order_are_found(network: MultiTaskEncoderDecoder) -> None:
    exported = in_place_of_a_file(network)
    swapped = ExportedNetwork(exported.metadata, lambda images: exported.graph(images.flip(-1)))
    with pytest.raises(ExportDisagreesError, match="depth"):
        verify_export(swapped, network, IMAGES)


def test_tolerance_is_inclusive() -> None:
    assert Agreement("depth", 1e-3, "m", 1e-3).holds
    assert not Agreement("depth", float("nan"), "m", 1e-3).holds
