"""The commands around a search, with rewards that are computed in no time."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time

import cv2
import pytest
from mmengine.config import Config
from small_runs import REPOSITORY, listen_to_interrupts
from small_search import outcome
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture
from mmaux.search.storage import SearchStorage, StorageError

CONFIG = """
custom_imports = dict(imports=["small_search"])
search = dict(
    space=dict(tasks=("semseg", "depth"), num_inputs=4),
    controller=dict(type="ClimbingController", changes=4),
    evaluator=dict(type="HashEvaluator"),
    candidates=12,
    seed=5,
    early_stopping=dict(quantile=0.3, min_candidates=5),
)
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a tool in this process; what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "small.py").write_text(CONFIG)

    def run(tool, *words, status=0):
        monkeypatch.setattr(sys, "argv", [tool, *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(REPOSITORY / "tools" / tool), run_name="__main__")
        captured = capsys.readouterr()
        assert stopped.value.code == status, captured
        return captured.out + captured.err

    return run


def search(run, *words, **options):
    return run("search.py", "small.py", "--workers", "0", *words, **options)


def test_a_search_and_what_is_made_of_it(run, tmp_path):
    printed = search(run)
    folder = tmp_path / "work_dirs" / "small"
    assert "There is no random search yet" in printed
    assert "[12/12] ClimbingController, candidate" in printed
    printed = search(run, "--against-random", "--candidates", "15")
    assert "[13/15] ClimbingController" in printed
    assert "[12/15] ClimbingController" not in printed
    assert "[15/15] random, candidate" in printed
    assert "**ClimbingController**, first 15 evaluated candidates of both" in printed

    storage = SearchStorage(folder / "ClimbingController.sqlite")
    evaluated = [c for c in storage.candidates() if c.is_evaluated]
    best = max(evaluated, key=lambda c: c.reward)
    content = json.loads((folder / "best_ClimbingController.json").read_text())
    assert AuxiliaryArchitecture.from_json(folder / "best_ClimbingController.json") == (
        best.architecture
    )
    provenance = content["provenance"]
    assert provenance["reward"] == best.reward
    assert (provenance["candidates"], provenance["seed"]) == (15, 5)
    assert provenance["search"]["controller"]["changes"] == 4
    assert "--against-random --candidates 15" in provenance["command"]
    assert provenance["environments"][0]["packages"]["mmaux"]

    scalars = EventAccumulator(str(folder / "tensorboard" / "ClimbingController"))
    scalars.Reload()
    assert [event.step for event in scalars.Scalars("reward/candidate")] == list(range(1, 16))
    logged = [event.value for event in scalars.Scalars("reward/candidate")]
    assert logged == pytest.approx([c.reward for c in evaluated])
    assert scalars.Scalars("reward/best")[-1].value == pytest.approx(best.reward)

    printed = run("analysis/plot_search.py", str(folder), "--out", "plots", "--best", "1")
    assert "skip connections:" in printed
    names = ("rewards", "operations", "ranks", "best_ClimbingController_1", "best_random_1")
    assert {file.name for file in (tmp_path / "plots").iterdir()} == {f"{n}.png" for n in names}
    run("analysis/draw_architecture.py", str(folder / "best_random.json"), "--out", "new/one.png")
    assert cv2.imread("new/one.png").std() > 10


def test_the_basic_structure_of_a_config_is_drawn(run):
    config = str(REPOSITORY / "configs" / "auxi_both_mbv2_nyud.py")
    assert "wrote both.png" in run("analysis/draw_architecture.py", config, "--out", "both.png")
    printed = run("analysis/draw_architecture.py", config.replace("auxi_both", "joint"), status=2)
    assert "has no model.auxiliary with taps" in printed


def test_another_picture_than_a_png_is_refused(run, tmp_path):
    config = str(REPOSITORY / "configs" / "auxi_both_mbv2_nyud.py")
    printed = run("analysis/draw_architecture.py", config, "--out", "both.xyz", status=2)
    assert "--out: found 'both.xyz', expected a name in .png" in printed
    assert not (tmp_path / "both.xyz").exists()


def test_folders_of_the_same_name_are_told_apart(run, tmp_path):
    folders = ("runs/a/search", "runs/b/search", "runs/other")
    for seed, folder in enumerate(folders):
        options = ("--candidates", "3", "--cfg-options", f"search.seed={seed}")
        search(run, "--work-dir", folder, *options)
    printed = run("analysis/plot_search.py", *folders, "--out", "plots", "--best", "1")
    for name in ("runs/a/search", "runs/b/search", "other"):
        assert f"\n{name}: ClimbingController: 3 evaluated" in f"\n{printed}"
    drawn = {file.name for file in (tmp_path / "plots").glob("best_*")}
    names = ("runs_a_search", "runs_b_search", "other")
    assert drawn == {f"best_{name}_ClimbingController_1.png" for name in names}


def test_another_search_in_the_folder(run):
    search(run, "--candidates", "3")
    printed = search(run, "--cfg-options", "search.seed=6", status=2)
    assert "holds another search:\n  seed: there 5, asked for 6" in printed
    options = ("--controller", "random", "--cfg-options", "search.early_stopping.quantile=0.5")
    printed = search(run, *options, status=2)
    assert "are not comparable: early_stopping is" in printed


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("search = dict(", "find = dict("), "the config has no `search`"),
        (("candidates=12,", ""), "search lacks ['candidates']"),
        (("seed=5", "sead=5"), "has the unknown entries ['sead']"),
        (("candidates=12", "candidates=0"), "search.candidates is 0; expected 1 or more"),
        (("num_inputs=4", "inputs=4"), "search.space is {'tasks': ('semseg', 'depth'), 'inputs'"),
        (('type="Hash', 'kind="Hash'), "search.evaluator is {'kind': 'HashEvaluator'}"),
        (("HashEvaluator", "HeshEvaluator"), "'HeshEvaluator', 'device': 'cpu'} cannot be built"),
    ],
)
def test_errors(run, tmp_path, edit, message):
    (tmp_path / "small.py").write_text(CONFIG.replace(*edit))
    assert message in search(run, status=2)


def start(folder, *words):
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")])
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tools" / "search.py"), "small.py", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen_to_interrupts,
    )


def count_events(file):
    try:
        return len(SearchStorage(file).events())
    except StorageError:  # the file is not there, or about to be made
        return 0


def test_interrupted_and_killed_it_goes_on(run, tmp_path):
    """Ctrl-C while a worker starts, kill -9 of everything, then to the end."""
    search(run, "--work-dir", "whole")
    config = CONFIG.replace('"HashEvaluator"', '"HashEvaluator", seconds=0.15')
    (tmp_path / "small.py").write_text(config)
    file = tmp_path / "killed" / "ClimbingController.sqlite"
    for ending, events in ((signal.SIGINT, 1), (signal.SIGKILL, 5)):
        process = start(tmp_path, "--work-dir", "killed")
        deadline = time.monotonic() + 60
        while count_events(file) < events:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.killpg(process.pid, ending)
        _, errors = process.communicate(timeout=30)
        if ending == signal.SIGINT:
            assert process.returncode == 130
            # A worker that was about to be started may add that it was not.
            assert errors.startswith("interrupted; the same command goes on.\n")
    search(run, "--work-dir", "killed")
    whole, killed = (
        SearchStorage(tmp_path / name / "ClimbingController.sqlite").candidates()
        for name in ("whole", "killed")
    )
    assert outcome(killed) == outcome(whole)
    assert Config.fromfile(tmp_path / "small.py").search.candidates == 12
