import random

import torch
from networks import auxiliary, network_config

from mmaux.models.auxiliary import AuxiliaryArchitecture, AuxiliaryModule, Cell
from mmaux.registry import MODELS
from mmaux.search import SearchSpace
from mmaux.search.evaluators.shared_weights import keep_shared, load_shared, shared_names
from mmaux.search.evaluators.start_network import Weights

SPACE = SearchSpace(("semseg", "depth"), 4)


def module_of(architecture: AuxiliaryArchitecture) -> AuxiliaryModule:
    model = network_config("semseg", "depth", auxiliary=auxiliary())
    model["auxiliary"]["architecture"] = architecture.to_dict()
    return MODELS.build(model).auxiliary


def one_cell(*, first: str, adaptor: str, aggregation: str = "sum") -> AuxiliaryArchitecture:
    cell = Cell((first, "O3"), (adaptor, "conv1x1"), aggregation)
    return AuxiliaryArchitecture(4, (("depth", (cell,)),))


def loaded(module: AuxiliaryModule, shared: Weights) -> set[str]:
    """Names of the parameters that shared weights replaced."""
    before = {name: p.detach().clone() for name, p in module.named_parameters()}
    load_shared(module, shared)
    return {name for name, p in module.named_parameters() if not torch.equal(p, before[name])}


def ones_of(architecture: AuxiliaryArchitecture) -> Weights:
    """What a module whose parameters are all 7 shares."""
    module = module_of(architecture)
    for p in module.parameters():
        p.data.fill_(7.0)
    shared: Weights = {}
    keep_shared(module, shared)
    return shared


def test_the_same_module_is_restored() -> None:
    shared = ones_of(one_cell(first="O2", adaptor="sep_conv3x3"))
    module = module_of(one_cell(first="O2", adaptor="sep_conv3x3"))
    load_shared(module, shared)
    assert all(bool((p == 7).all()) for p in module.parameters())


def test_another_input_or_adaptor_of_the_same_shape_shares_nothing_there() -> None:
    for old, new in (
        ({"first": "O2", "adaptor": "sep_conv3x3"}, {"first": "O2", "adaptor": "sep_conv3x3_dil3"}),
        ({"first": "O3", "adaptor": "conv1x1"}, {"first": "O2", "adaptor": "conv1x1"}),
    ):
        module = module_of(one_cell(**new))
        names = loaded(module, ones_of(one_cell(**old)))
        assert names == {
            name for name, _ in module.named_parameters() if ".adaptors.0." not in name
        }


def test_a_head_is_shared_at_its_width() -> None:
    summed = one_cell(first="O2", adaptor="conv1x1")
    module = module_of(one_cell(first="O2", adaptor="conv1x1", aggregation="concat"))
    shapes = {name: p.shape for name, p in module_of(summed).named_parameters()}
    wider = {name for name, p in module.named_parameters() if p.shape != shapes[name]}
    assert len(wider) == 1
    assert all(name.startswith("heads.depth.") for name in wider)
    assert loaded(module, ones_of(summed)) == shapes.keys() - wider


def test_names_tell_all_entries_of_the_space_apart() -> None:
    generator = random.Random(0)
    seen: dict[str, tuple[int, ...]] = {}
    for _ in range(12):
        module = module_of(SPACE.decode(SPACE.sample(generator)))
        state = module.state_dict()
        names = shared_names(module)
        assert names.keys() == state.keys()
        assert len(set(names.values())) == len(names)
        for name, common in names.items():
            assert seen.setdefault(common, tuple(state[name].shape)) == tuple(state[name].shape)
