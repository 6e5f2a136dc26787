import pytest
from networks import auxiliary, build_network
from run_configs import small_run

from mmaux.apis import dry_run


def test_counts_time_and_schedule(tmp_path):
    config = small_run(tmp_path, iterations=5000, auxiliary=auxiliary())
    report = dry_run(config)
    network = build_network(auxiliary=auxiliary())
    extra = sum(p.numel() for p in network.auxiliary.parameters())
    assert report.auxiliary_parameters == extra > 0
    assert report.parameters == sum(p.numel() for p in network.parameters()) - extra
    assert report.batch_size == 2
    assert report.total_steps == 5000
    assert report.estimated_hours == pytest.approx(report.seconds_per_step * 5000 / 3600)
    assert 0 < report.seconds_per_step < 60
    assert 0.1 < report.peak_memory_gib < 20
    assert {"depth.loss_berhu", "depth.aux.loss_berhu", "semseg.loss_ce"} <= set(report.losses)
    assert not (tmp_path / "work").exists()


def test_a_wrong_evaluator_is_found_before_training(tmp_path):
    config = small_run(tmp_path)
    config.val_evaluator = [{"type": "mmaux.DepthMetrics"}]
    with pytest.raises(KeyError, match="DepthMetrics"):
        dry_run(config)


def test_the_report_prints(tmp_path, capsys):
    dry_run(small_run(tmp_path)).print()
    printed = capsys.readouterr().out
    assert "as deployed" in printed
    assert "estimated training time" in printed
