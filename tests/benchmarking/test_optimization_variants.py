import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, network_config

pytest.importorskip("torchjd")

from mmaux.benchmarking.optimization_variants import (
    BY_HAND,
    REFERENCE,
    SAME_BY_US,
    choose_variants,
    optimization_variants,
)
from mmaux.benchmarking.optimizer_state import reached_elements, state_elements
from mmaux.benchmarking.training_step import TrainingStep


def tiny_config(momentum=0.0):
    network = network_config("semseg", "depth", auxiliary=auxiliary())
    del network["data_preprocessor"]["size_divisor"]
    network["data_preprocessor"]["size"] = (32, 48)
    optimizer = {"type": "mmengine.SGD", "lr": 0.1, "momentum": momentum}
    return Config(
        {
            "default_scope": "mmaux",
            "model": network,
            "optim_wrapper": {"type": "mmengine.OptimWrapper", "optimizer": optimizer},
        }
    )


VARIANTS = optimization_variants(2, last_shared_layer="backbone.layer7")


def change_of(name):
    """By parameter, what a step under a variant changed."""
    step = VARIANTS[name].kind(VARIANTS[name].config(tiny_config()), batch_size=2)
    before = {n: p.detach().clone() for n, p in step.model.named_parameters()}
    step()
    return step, {n: p.detach() - before[n] for n, p in step.model.named_parameters()}


@pytest.mark.parametrize("by_hand", BY_HAND)
def test_torchjd_by_hand_makes_the_same_update(by_hand):
    _, ours = change_of(SAME_BY_US)
    step, theirs = change_of(by_hand)
    step.check_losses()
    for name, change in ours.items():
        assert change.any(), name
        torch.testing.assert_close(theirs[name], change, rtol=1e-3, atol=2e-6, msg=name)


def test_by_hand_needs_an_aggregator():
    with pytest.raises(TypeError, match=r"has to be a mmaux\.Aggregation"):
        VARIANTS[BY_HAND[0]].kind(VARIANTS[REFERENCE].config(tiny_config()), batch_size=1)


def test_theory_is_that_of_the_passes():
    three = optimization_variants(3, last_shared_layer="x")
    assert three["parameters/MGDA"].theory == "2.33"
    assert three["parameters/MGDA"].aim == 2.3
    assert VARIANTS["parameters/MGDA"].theory == "1.67"
    assert VARIANTS["parameters/MGDA"].aim is None
    # One step of (1 + 2 * 3) / 3 and three of 1.
    assert three["parameters/UPGrad every 4"].theory == "1.33"
    assert three["alternation of 3/pooled"].theory == "3"
    assert three["alternation of 3/pooled"].aim == pytest.approx(3.15)
    assert "alternation of 3/pooled" not in VARIANTS


def test_choice_keeps_the_reference():
    chosen = choose_variants(VARIANTS, ["features/PC*", "scalarization/UW"])
    assert list(chosen) == ["sum", "scalarization/UW", "features/PCGrad"]
    with pytest.raises(ValueError, match=r"nothing is named 'PCGrat'; there are \['sum', "):
        choose_variants(VARIANTS, ["PCGrat"])


def test_the_state_of_each_task_is_as_large_as_counted():
    sizes = {}
    for name in (REFERENCE, "alternation of 2/shared", "alternation of 2/per_task"):
        step = TrainingStep(VARIANTS[name].config(tiny_config(momentum=0.9)), batch_size=1)
        step()
        sizes[name] = state_elements(step.optim_wrapper)
    parameters = dict(step.model.named_parameters())
    assert sizes[REFERENCE] == sum(p.numel() for p in parameters.values())
    assert sizes["alternation of 2/shared"] == sizes[REFERENCE]
    shared = sum(p.numel() for n, p in parameters.items() if n.startswith("backbone."))
    assert sizes["alternation of 2/per_task"] == sizes[REFERENCE] + shared
    of_depth = sum(p.numel() for n, p in parameters.items() if "semseg" not in n)
    assert reached_elements(step)["depth"] == of_depth
