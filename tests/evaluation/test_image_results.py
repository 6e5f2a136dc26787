import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmaux.evaluation import DepthMetric, SemSegMetric
from mmaux.evaluation.image_results import ImageResults


def sample(name, **maps):
    result = SegDataSample(metainfo={"img_path": name})
    for field, values in maps.items():
        result.set_data({field: PixelData(data=torch.tensor(values)[None])})
    return result


def test_each_image_is_measured_by_itself():
    results = ImageResults(DepthMetric(), dataset_meta={})
    assert results.name == "depth/rmse"
    for name, found in (("a", 1.5), ("b", 3.0), ("c", 1.0)):
        results.add(sample(name, gt_depth_map=[[1.0, 1.0]], pred_depth_map=[[found, 1.0]]))
        results.add(sample(f"{name}, no label", pred_depth_map=[[found, 1.0]]))
    # Root of half of the squared error.
    values = {r.path: r.value for r in results.results}
    assert values == pytest.approx({"a": 0.5 / 2**0.5, "b": 2 / 2**0.5, "c": 0.0})
    assert [r.path for r in results.worst(2)] == ["b", "a"]
    assert [r.index for r in results.worst(9)] == [2, 0, 4]
    assert [r.path for r in results.worst(1, better="up")] == ["c"]


def test_a_higher_score_is_better_for_classes():
    meta = {"classes": ("x", "y")}
    results = ImageResults(SemSegMetric(), dataset_meta=meta)
    for name, found in (("half", [[0, 0]]), ("right", [[0, 1]]), ("wrong", [[1, 0]])):
        results.add(sample(name, gt_sem_seg=[[0, 1]], pred_sem_seg=found))
    assert [r.path for r in results.worst(3)] == ["wrong", "half", "right"]
    assert results.worst(3)[1].value == 25.0  # IoU 0.5 and 0


def test_unknown_metrics_and_directions_are_refused():
    with pytest.raises(ValueError, match=r"metric: found 'depth/x', expected one of depth/abs_rel"):
        ImageResults(DepthMetric(), name="depth/x", dataset_meta={})
    results = ImageResults(DepthMetric(), name="depth/d1", dataset_meta={})
    with pytest.raises(ValueError, match=r"depth/d1: say whether 'up' or 'down' is better"):
        results.worst(1)
