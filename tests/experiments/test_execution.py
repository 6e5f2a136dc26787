import threading
from collections import Counter
from dataclasses import replace

import pytest
from fake_tools import write_experiment, write_fake_tools

from mmaux.experiments import RunFolderError, read_result, tool_process
from mmaux.experiments.execution import run_plan
from mmaux.experiments.experiment import MIOU, Experiment, Group, Row
from mmaux.experiments.plan import plan_runs
from mmaux.experiments.setting import Setting

GROUP = Group(
    title="Small",
    network="net",
    reference="joint",
    singles=("single_semseg",),
    rows=(
        Row("PT", "prior", starts_from="single_semseg"),
        Row("Joint", "joint"),
        Row("Single", "single_semseg"),
    ),
)
EXPERIMENT = Experiment("small", "Small", "rooms", (MIOU,), (GROUP,), note="")


class Observer:
    def __init__(self):
        self.events = []
        self.running = 0
        self.most = 0
        self.lock = threading.Lock()

    def started(self, run):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.events.append(("started", run.name))

    def advanced(self, run, progress):
        pass

    def finished(self, run, result):
        with self.lock:
            self.running -= 1
            self.events.append(("finished", run.name))

    def failed(self, run, error):
        with self.lock:
            self.running -= 1
            self.events.append(("failed", run.name))


@pytest.fixture
def setting(tmp_path, monkeypatch):
    monkeypatch.setattr(tool_process, "TOOLS", write_fake_tools(tmp_path / "tools"))
    names = [f"{row.strategy}_net_rooms" for row in GROUP.rows]
    configs, data = write_experiment(tmp_path, names)
    return Setting("rooms", "paper", (0,), tmp_path / "out", data_root=data, configs=configs)


def test_one_after_another_and_never_again(setting):
    runs = plan_runs(EXPERIMENT, setting)
    observer = Observer()
    assert run_plan(runs, observer) == []
    names = [run.name for run in runs]
    assert observer.events == [(event, n) for n in names for event in ("started", "finished")]
    results = [read_result(run.folder) for run in runs]
    again = Observer()
    assert run_plan(runs, again) == []
    assert again.events == []
    assert [read_result(run.folder) for run in runs] == results


def test_several_at_a_time_give_the_same(setting, tmp_path):
    alone, together = (replace(setting, out=tmp_path / name) for name in ("alone", "together"))
    run_plan(plan_runs(EXPERIMENT, alone), Observer())
    observer = Observer()
    assert run_plan(plan_runs(EXPERIMENT, together), observer, workers=3) == []
    assert observer.most == 2, "the third needs the first"
    single, prior = "single_semseg_net_rooms", "prior_net_rooms"
    assert observer.events.index(("finished", single)) < observer.events.index(("started", prior))
    for one, two in zip(plan_runs(EXPERIMENT, alone), plan_runs(EXPERIMENT, together), strict=True):
        assert read_result(one.folder).metrics == read_result(two.folder).metrics


def test_a_failure_holds_up_only_what_starts_from_it(setting):
    file = setting.configs / "single_semseg_net_rooms.py"
    file.write_text(file.read_text().replace("model = {", "model = {'fails_at': 2, "))
    observer = Observer()
    failures = run_plan(plan_runs(EXPERIMENT, setting), observer)
    assert [failure.run.name for failure in failures] == [
        "single_semseg_net_rooms",
        "prior_net_rooms",
    ]
    assert "the last words" in failures[0].message
    assert "the run that it starts from has no result" in failures[1].message
    assert Counter(event for event, _ in observer.events) == {
        "started": 2,
        "failed": 1,
        "finished": 1,
    }


def test_a_folder_of_another_run_is_a_failure_and_stays(setting):
    runs = plan_runs(EXPERIMENT, setting)
    run_plan(runs, Observer())
    before = read_result(runs[2].folder)
    (setting.data_root / "splits/train.txt").write_text("other\n")
    failures = run_plan(runs, Observer())
    assert len(failures) == 3
    assert "data.train.samples: there 2, asked for 1" in failures[2].message
    assert read_result(runs[2].folder) == before
    assert issubclass(RunFolderError, ValueError)


def test_an_interruption_ends_the_processes(setting):
    file = setting.configs / "joint_net_rooms.py"
    file.write_text(
        file.read_text()
        .replace("model = {", "model = {'seconds': 0.1, ")
        .replace("max_iters=3", "max_iters=500")
    )
    (run,) = [r for r in plan_runs(EXPERIMENT, setting) if r.name == "joint_net_rooms"]

    class Impatient(Observer):
        def advanced(self, run, progress):
            if progress.done:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan([run], Impatient())
    assert not (run.folder / "result.json").exists()
