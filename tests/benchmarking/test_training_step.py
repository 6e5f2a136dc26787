import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config

from mmaux.benchmarking.synthetic_batch import synthetic_batch
from mmaux.benchmarking.training_step import TrainingStep
from mmaux.benchmarking.training_step import build_network as build_from_config


def tiny_config(**changes):
    network = network_config(auxiliary=auxiliary(), **changes)
    del network["data_preprocessor"]["size_divisor"]
    network["data_preprocessor"]["size"] = (32, 48)
    optimizer = {"type": "mmengine.SGD", "lr": 0.01}
    return Config(
        {
            "default_scope": "mmaux",
            "model": network,
            "optim_wrapper": {"type": "mmengine.OptimWrapper", "optimizer": optimizer},
        }
    )


def test_ground_truth_of_noise_is_valid_for_each_task():
    batch = synthetic_batch(build_network(), batch_size=2, size=(8, 12))
    assert [image.shape for image in batch["inputs"]] == [(3, 8, 12)] * 2
    for sample in batch["data_samples"]:
        labels, depth = sample.gt_sem_seg.data, sample.gt_depth_map.data
        normals = sample.gt_normal_map.data
        assert (labels.shape, depth.shape, normals.shape) == ((1, 8, 12), (1, 8, 12), (3, 8, 12))
        assert labels.dtype == torch.int64
        assert set(labels.unique().tolist()) == {0, 1, 2, 3, 4}
        assert depth.min() > 0
        torch.testing.assert_close(normals.norm(dim=0), torch.ones(8, 12))
        assert sample.gt_sem_seg.fill_value == 255


def test_the_same_seed_gives_the_same_batch():
    first, second = (synthetic_batch(build_network(), batch_size=1, size=(4, 4)) for _ in "ab")
    assert torch.equal(first["inputs"][0], second["inputs"][0])
    depths = [batch["data_samples"][0].gt_depth_map.data for batch in (first, second)]
    assert torch.equal(*depths)


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least 1, found 0, 4 and 4"):
        synthetic_batch(build_network(), batch_size=0, size=(4, 4))


def test_a_step_trains_all_parameters_on_all_losses():
    step = TrainingStep(tiny_config(), batch_size=2)
    before = {name: value.clone() for name, value in step.model.named_parameters()}
    step()
    step()
    step.check_losses()
    assert {"semseg.loss_ce", "depth.loss_berhu", "normal.aux.loss_cosine"} <= set(step.log)
    assert all(value > 0 for name, value in step.log.items() if "loss" in name)
    same = [n for n, v in step.model.named_parameters() if torch.equal(v, before[n])]
    assert same == []


def test_a_loss_that_is_not_finite_is_an_error():
    config = tiny_config()
    config.optim_wrapper.optimizer.lr = 1e30
    step = TrainingStep(config, batch_size=2)
    for _ in range(3):
        step()
    with pytest.raises(ValueError, match=r"the loss is (nan|inf).*lower the learning rate"):
        step.check_losses()


def test_another_model_is_refused():
    config = Config({"model": {"type": "mmseg.SegDataPreProcessor"}})
    with pytest.raises(ValueError, match="model is a SegDataPreProcessor, expected"):
        build_from_config(config)
