import json

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel
from mmengine.registry import EVALUATOR
from mmengine.runner import Runner
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmaux.evaluation import (
    DepthMetric,
    MultiTaskGain,
    NormalMetric,
    SemSegMetric,
    multi_task_gain,
)

BASELINE = {"semseg/mIoU": 40.0, "depth/rmse": 2.0, "normal/mean": 25.0}


def _sample(error=1.0):
    """Depth off by `error` metres everywhere; classes 0 and 1 right."""
    labels = torch.tensor([[[0, 1]]])
    depth = torch.full((1, 1, 2), 2.0)
    return SegDataSample(
        metainfo={"img_path": "room.png"},
        gt_sem_seg=PixelData(data=labels),
        pred_sem_seg=PixelData(data=labels),
        gt_depth_map=PixelData(data=depth),
        pred_depth_map=PixelData(data=depth + error),
    )


def _gain(**options):
    options = {"baseline": BASELINE, **options}
    evaluator = MultiTaskGain([SemSegMetric(), DepthMetric()], **options)
    evaluator.dataset_meta = {"classes": ("wall", "floor")}
    return evaluator


def test_adds_gains_and_delta_m_to_all_results():
    results = _gain().offline_evaluate([_sample(), _sample()], chunk_size=2)
    # mIoU 100 against 40: +150 %; RMSE 1 against 2: +50 %.
    assert results["gain/semseg"] == pytest.approx(150)
    assert results["gain/depth"] == pytest.approx(50)
    assert results["delta_m"] == pytest.approx(100)
    plain = Evaluator([SemSegMetric(), DepthMetric()])
    plain.dataset_meta = {"classes": ("wall", "floor")}
    expected = plain.offline_evaluate([_sample(), _sample()])
    assert {k: results[k] for k in expected} == expected
    assert len(results) == len(expected) + 3


def test_default_headline_follows_the_metrics():
    assert _gain().headline == {"semseg/mIoU": "up", "depth/rmse": "down"}
    assert MultiTaskGain(NormalMetric(), baseline=BASELINE).headline == {"normal/mean": "down"}
    with pytest.raises(ValueError, match=r"no default headline .*\['night'\]"):
        MultiTaskGain(DepthMetric(prefix="night"), baseline=BASELINE)


def test_a_task_that_delta_m_leaves_out_is_named(monkeypatch):
    logged = []
    monkeypatch.setattr(
        multi_task_gain, "print_log", lambda message, **options: logged.append(message)
    )
    MultiTaskGain([DepthMetric(), NormalMetric(prefix="bump")], baseline=BASELINE)
    assert len(logged) == 1
    assert logged[0].startswith("delta_m leaves out bump: ")


def test_own_headline():
    baseline = {"depth/rmse": 2.0, "depth/abs_rel": 1.0, "semseg/aAcc": 50.0}
    headline = {"depth/rmse": "down", "depth/abs_rel": "down", "semseg/aAcc": "up"}
    results = _gain(baseline=baseline, headline=headline).offline_evaluate([_sample()])
    assert results["gain/depth"] == pytest.approx(50)  # RMSE 1: +50 %, AbsRel 1/2: +50 %
    assert results["delta_m"] == pytest.approx((50 + 100) / 2)


def test_baseline_files(tmp_path):
    values = {"a.json": {"semseg/mIoU": 40.0, "time": 0.1}, "b.json": {"depth/rmse": 2, "time": 9}}
    paths = [tmp_path / name for name in values]
    for path in paths:
        path.write_text(json.dumps(values[path.name]))
    several = _gain(baseline=[str(path) for path in paths])
    assert several.offline_evaluate([_sample()])["delta_m"] == pytest.approx(100)
    both = tmp_path / "both.json"
    both.write_text(json.dumps(BASELINE))
    assert _gain(baseline=str(both)).offline_evaluate([_sample()])["delta_m"] == pytest.approx(100)
    # The same value twice is fine, two values for one metric are not.
    assert _gain(baseline=[both, paths[0]]).baseline["semseg/mIoU"] == 40
    paths[1].write_text(json.dumps({"depth/rmse": 3.0}))
    with pytest.raises(
        ValueError, match=r"'depth/rmse' is 2\.0 in .*both\.json but 3\.0 in .*b\.j"
    ):
        _gain(baseline=[both, paths[1]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{'a'", r"base\.json is not a JSON file"),
        ('{"a": 1}\n{"a": 2}\n', r"base\.json is not a JSON file .*scalars of training"),
        ("[1]", r"base\.json holds a list"),
        ("{}", r"not in the baseline; available: no metrics.*base\.json"),
        ('{"semseg/mIoU": 40, "depth/mse": 1}', "'depth/rmse' .* available: depth/mse, semseg/"),
        ('{"semseg/mIoU": 0, "depth/rmse": 1}', r"'semseg/mIoU' is 0\.0"),
        ('{"semseg/mIoU": NaN, "depth/rmse": 1}', "'semseg/mIoU' is nan"),
    ],
)
def test_bad_baseline_is_found_when_built(content, message, tmp_path):
    path = tmp_path / "base.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        _gain(baseline=path)


def test_missing_file_and_bad_headline_are_found_when_built(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.json .*tools/test\.py"):
        _gain(baseline=str(tmp_path / "none.json"))
    with pytest.raises(ValueError, match="baseline is empty"):
        _gain(baseline=[])
    with pytest.raises(ValueError, match="unknown direction 'higher'"):
        _gain(headline={"semseg/mIoU": "higher"})
    with pytest.raises(ValueError, match=r"normal/mean is not among .* available: semseg/aAcc"):
        _gain(headline={"semseg/mIoU": "up", "normal/mean": "down"})


def test_metric_of_another_package_missing_in_the_results():
    config = {"type": "mmseg.DepthMetric", "prefix": "depth"}
    baseline = {"depth/rmse": 2.0, "depth/mse": 1.0}
    evaluator = MultiTaskGain(config, baseline=baseline, headline={"depth/mse": "down"})
    with pytest.raises(ValueError, match="'depth/mse' is not in the results; available: depth/abs"):
        evaluator.offline_evaluate([_sample()])
    evaluator = MultiTaskGain(config, baseline=baseline)
    assert evaluator.offline_evaluate([_sample()])["delta_m"] == pytest.approx(50)


class _Rooms(BaseDataset):
    METAINFO = {"classes": ("wall", "floor")}

    def load_data_list(self):
        return [{"sample_idx": index} for index in range(3)]


class _OffByOneMetre(BaseModel):
    def forward(self, sample_idx, mode="predict"):
        return [_sample() for _ in sample_idx]


def _run(tmp_path, name, evaluator):
    runner = Runner(
        model=_OffByOneMetre(),
        work_dir=str(tmp_path / name),
        test_dataloader={
            "dataset": _Rooms(),
            "sampler": {"type": "DefaultSampler", "shuffle": False},
            "batch_size": 2,
            "num_workers": 0,
        },
        test_evaluator=evaluator,
        test_cfg={},
        default_scope="mmseg",
        experiment_name=f"{name}_{tmp_path.name}",
    )
    results = runner.test()
    (log,) = (tmp_path / name).glob("*/*.log")
    (dump,) = (tmp_path / name).glob("*/*.json")
    return results, log.read_text(), dump


def test_in_a_runner_against_the_json_of_an_earlier_run(tmp_path):
    metrics = [{"type": "mmaux.SemSegMetric"}, {"type": "mmaux.DepthMetric"}]
    results, log, dump = _run(tmp_path, "single", metrics)
    assert results["depth/rmse"] == pytest.approx(1)
    assert json.loads(dump.read_text())["depth/rmse"] == results["depth/rmse"]
    assert "per class results" in log
    assert "6 valid pixels of 3 images, averaged by pixel" in log

    evaluator = {"type": "mmaux.MultiTaskGain", "metrics": metrics, "baseline": str(dump)}
    results, log, dump = _run(tmp_path, "multi", Config({"e": evaluator}).e)
    assert results["delta_m"] == 0
    assert json.loads(dump.read_text())["gain/depth"] == 0
    assert "delta_m +0.00 % (semseg +0.00, depth +0.00)" in log
    assert "delta_m: 0.0000" in log


def test_registered_as_evaluator():
    config = {"type": "mmaux.MultiTaskGain", "metrics": [{"type": "mmaux.DepthMetric"}]}
    assert isinstance(EVALUATOR.build(config | {"baseline": BASELINE}), MultiTaskGain)
