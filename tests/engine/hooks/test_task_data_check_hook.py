from types import SimpleNamespace

import pytest
from folders import room_config, write_room
from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.registry import HOOKS as ROOT_HOOKS
from networks import build_network
from torch.utils.data import Subset

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.engine.hooks import TaskDataCheckHook
from mmaux.engine.hooks.task_data_check_hook import count_labelled


@pytest.fixture
def rooms(tmp_path):
    write_room(tmp_path, "a", "b", "c")
    (tmp_path / "depth/b.png").unlink()
    for path in (tmp_path / "normal").iterdir():
        path.unlink()
    return tmp_path


def data(root, *tasks):
    return MultiTaskFolderDataset(**room_config(root, *tasks, allow_missing=True))


def check(network, dataset):
    runner = SimpleNamespace(model=network, train_dataloader=SimpleNamespace(dataset=dataset))
    TaskDataCheckHook().before_train(runner)


def test_partly_labelled_data_are_fine(rooms):
    check(build_network("semseg", "depth"), data(rooms, "semseg", "depth"))


@pytest.mark.parametrize("loaded", [("semseg", "depth", "normal"), ("semseg", "depth")])
def test_a_head_that_no_sample_teaches_is_refused(rooms, loaded):
    message = r"heads\.normal: no training sample has a normal target.*model\.heads\.normal=None"
    with pytest.raises(ValueError, match=message):
        check(build_network(), data(rooms, *loaded))


def test_another_number_of_classes_is_refused(rooms):
    dataset = data(rooms, "semseg", "depth")
    dataset._metainfo["classes"] = ("floor", "wall", "ceiling")
    message = r"heads\.semseg: num_classes is 5, .* have 3 classes \(floor.*set .* to 3"
    with pytest.raises(ValueError, match=message):
        check(build_network("semseg", "depth"), dataset)


def test_wrappers_are_looked_through(rooms):
    disjoint = ConcatDataset([data(rooms, "semseg"), data(rooms, "depth")])
    repeated = RepeatDataset(data(rooms, "semseg", "depth"), 2)
    for wrapped in (disjoint, repeated, Subset(disjoint, [0])):
        assert count_labelled(wrapped) == {"semseg": 3, "depth": 2}
        check(build_network("semseg", "depth"), wrapped)
        with pytest.raises(ValueError, match=r"heads\.normal"):
            check(build_network(), wrapped)


def test_data_that_cannot_tell_pass(rooms):
    foreign = BaseDataset(lazy_init=True)
    assert count_labelled(foreign) is None
    check(build_network(), foreign)
    mixed = SimpleNamespace(dataset=foreign)
    assert count_labelled(mixed) is None


def test_another_model_passes(rooms):
    check(SimpleNamespace(), data(rooms, "depth"))


def test_the_hook_is_registered():
    assert isinstance(ROOT_HOOKS.build({"type": "mmaux.TaskDataCheckHook"}), TaskDataCheckHook)
