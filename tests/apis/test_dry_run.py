import pytest
from networks import auxiliary, build_network
from run_configs import small_run

from mmaux.apis import DryRunReport, dry_run


def test_counts_time_and_schedule(tmp_path):
    config = small_run(tmp_path, iterations=5000, auxiliary=auxiliary())
    report = dry_run(config)
    network = build_network(auxiliary=auxiliary())
    extra = sum(p.numel() for p in network.auxiliary.parameters())
    assert report.auxiliary_parameters == extra > 0
    assert report.parameters == sum(p.numel() for p in network.parameters()) - extra
    assert report.batch_size == 2
    assert (report.total_steps, report.timed_steps) == (5000, 2)
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


@pytest.mark.parametrize(("steps", "timed"), [(1, 0), (2, 1)])
def test_short_schedules(tmp_path, capsys, steps, timed):
    report = dry_run(small_run(tmp_path, iterations=steps))
    assert (report.total_steps, report.timed_steps) == (steps, timed)
    assert (report.seconds_per_step is None) == (report.estimated_hours is None) == (timed == 0)
    assert report.first_step_seconds > 0
    report.print()
    printed = capsys.readouterr().out
    assert ("(mean of 1)" in printed) == (timed == 1)
    assert printed.count("unknown, the schedule is too short to time") == (2 if timed == 0 else 0)


def test_a_schedule_without_steps(tmp_path):
    config = small_run(tmp_path)
    config.train_cfg.max_iters = 0
    with pytest.raises(ValueError, match="training up to max_iters=0 has no step to run; set"):
        dry_run(config)


@pytest.mark.parametrize(
    ("seconds", "text"), [(12, "12.0 s"), (90, "1.5 min"), (3600, "1.0 h"), (90000, "25.0 h")]
)
def test_the_estimate_has_a_readable_unit(capsys, seconds, text):
    report = DryRunReport(
        parameters=1,
        auxiliary_parameters=0,
        batch_size=2,
        peak_memory_gib=0.5,
        first_step_seconds=1.0,
        timed_steps=2,
        seconds_per_step=seconds / 1000,
        total_steps=1000,
        estimated_hours=seconds / 3600,
        losses={},
    )
    report.print()
    assert f" {text}, no validation" in capsys.readouterr().out
