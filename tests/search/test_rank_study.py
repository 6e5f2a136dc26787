import json
import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from noisy_evaluator import CALLS

from mmaux.search import canonical_key
from mmaux.search.rank_records import RankRecord, RankRecords
from mmaux.search.rank_report import rank_rows, rank_table
from mmaux.search.rank_study import RankStudy
from mmaux.search.workers import make_pool

INLINE = partial(make_pool, workers=0)


def config(**cheap: dict[str, Any]) -> dict[str, Any]:
    return {
        "search": {
            "space": {"tasks": ("semseg", "depth"), "num_inputs": 2},
            "evaluator": {"type": "mmaux.NoisyFake", "noise": 1.0},
        },
        "rank_study": {"cheap": cheap, "long": {"noise": 0.5}},
    }


def tau_of(first: float, second: float) -> float:
    correlation = 1 / math.sqrt((1 + first**2) * (1 + second**2))
    return 2 / math.pi * math.asin(correlation)


@pytest.fixture(autouse=True)
def no_calls() -> None:
    CALLS.clear()


def test_finds_correlations_that_are_known(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(worse={"noise": 3.0}), architectures=80)
    records = RankRecords(tmp_path / "new" / "study.jsonl")
    study.run(records, make_workers=INLINE)
    rows = {(row.name, row.iteration): row for row in rank_rows(study, records)}
    assert list(rows) == [
        ("ceiling", 10),
        ("long", 5),
        ("search", 10),
        ("search", 5),
        ("worse", 10),
        ("worse", 5),
    ]
    expected = {
        ("ceiling", 10): tau_of(0.5, 0.5),
        ("long", 5): tau_of(2.0, 0.5),
        ("search", 10): tau_of(1.0, 0.5),
        ("search", 5): tau_of(4.0, 0.5),
        ("worse", 10): tau_of(3.0, 0.5),
    }
    for name, tau in expected.items():
        found = rows[name].correlation
        assert found.count == 80
        assert found.tau == pytest.approx(tau, abs=0.15), name


def test_seeds_of_the_long_training_are_its_own(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(), architectures=3)
    study.run(RankRecords(tmp_path / "study.jsonl"), make_workers=INLINE)
    assert sorted(set(CALLS)) == [(0.5, 1), (0.5, 2), (1.0, 0)]
    assert len(CALLS) == 9


def test_goes_on_after_a_kill_and_never_repeats(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(), architectures=4)
    file = tmp_path / "study.jsonl"

    def killed() -> None:
        if len(CALLS) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(RankRecords(file), make_workers=INLINE, on_evaluation=killed)
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])  # as a kill in the middle of writing leaves it
    records = RankRecords(file)
    assert len(list(records)) == 4
    study.run(records, make_workers=INLINE)
    assert len(CALLS) == 5 + 8
    assert len(file.read_text().splitlines()) == 12
    assert rank_rows(study, RankRecords(file)) == rank_rows(study, records)
    study.run(RankRecords(file), make_workers=INLINE)
    assert len(CALLS) == 13

    more = RankStudy.from_config(config(), architectures=5)
    assert list(more.keys)[:4] == list(study.keys)
    more.run(RankRecords(file), make_workers=INLINE)
    assert len(CALLS) == 16


def test_workers_find_what_this_process_does(tmp_path: Path) -> None:
    content = config(fragile={"fails": True}) | {"custom_imports": {"imports": "noisy_evaluator"}}
    study = RankStudy.from_config(content, architectures=3)
    inline, spawned = (RankRecords(tmp_path / name) for name in ("a.jsonl", "b.jsonl"))
    study.run(inline, make_workers=INLINE)
    made = len(CALLS)
    study.run(spawned, make_workers=partial(make_pool, workers=2))
    assert len(CALLS) == made
    curves = [
        {record.identity: (record.curve, record.metrics) for record in records}
        for records in (inline, spawned)
    ]
    assert len(curves[0]) == 12
    assert curves[0] == curves[1]


def test_other_settings_are_evaluated_anew_other_folders_are_not(tmp_path: Path) -> None:
    file = tmp_path / "study.jsonl"
    RankStudy.from_config(config(), architectures=2).run(RankRecords(file), make_workers=INLINE)
    moved = config()
    moved["search"]["evaluator"]["work_dir"] = "elsewhere"
    assert not RankStudy.from_config(moved, architectures=2).missing(RankRecords(file))
    changed = config()
    changed["rank_study"]["long"] = {"noise": 0.25}
    missing = RankStudy.from_config(changed, architectures=2).missing(RankRecords(file))
    assert [(variant.name, seed) for variant, _, seed in missing] == 2 * [("long", 1), ("long", 2)]


def test_architectures_are_different_graphs() -> None:
    study = RankStudy.from_config(config(), architectures=30)
    assert len(set(study.keys.values())) == 30
    assert all(canonical_key(study.space.decode(s)) == key for s, key in study.keys.items())


def test_failures_are_recorded_and_left_out(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(fragile={"fails": True}), architectures=20)
    file = tmp_path / "study.jsonl"
    study.run(RankRecords(file), make_workers=INLINE)
    rows = {row.name: row for row in rank_rows(study, RankRecords(file)) if row.iteration == 10}
    failed = rows["fragile"].failed
    assert 0 < failed < 20
    assert rows["fragile"].correlation.count == 20 - failed
    assert rows["search"].correlation.count == 20
    errors = [record for record in RankRecords(file) if record.error]
    assert all("FloatingPointError: diverged" in record.error for record in errors)
    assert {record.curve for record in errors} == {()}


def test_seconds_are_in_proportion_to_iterations(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(), architectures=3)
    records = RankRecords(tmp_path / "study.jsonl")
    for variant, sequence, seed in study.missing(records):
        records.add(
            RankRecord(
                variant=variant.name,
                settings=variant.settings,
                key=study.keys[sequence],
                sequence=sequence,
                seed=seed,
                seconds=8.0 if variant.name == "search" else 30.0,
                curve=((5, 0.25), (20, 0.5)),
            )
        )
    seconds = {(row.name, row.iteration): row.seconds for row in rank_rows(study, records)}
    assert seconds == {
        ("ceiling", 20): 30.0,
        ("long", 5): 7.5,
        ("search", 20): 8.0,
        ("search", 5): 2.0,
    }


def test_the_table_states_the_share_of_the_ceiling(tmp_path: Path) -> None:
    study = RankStudy.from_config(config(), architectures=30)
    records = RankRecords(tmp_path / "study.jsonl")
    study.run(records, make_workers=INLINE)
    rows = rank_rows(study, records)
    shares = list(rank_table(rows).columns[4].cells)
    taus = np.array([row.correlation.tau for row in rows])
    assert shares == [f"{share:.0%}" for share in taus / taus[0]]


@pytest.mark.parametrize(
    ("drop", "message"),
    [
        ("search", "no search.space, search.evaluator"),
        ("rank_study", r"no rank_study\.long\."),
    ],
)
def test_a_config_without_its_parts_is_refused(drop: str, message: str) -> None:
    content = config()
    del content[drop]
    with pytest.raises(ValueError, match=message):
        RankStudy.from_config(content, architectures=2)


def test_one_architecture_is_no_ranking() -> None:
    with pytest.raises(ValueError, match="architectures is 1; a ranking has 2 or more"):
        RankStudy.from_config(config(), architectures=1)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps({"step": 1}) + "\n")
    with pytest.raises(ValueError, match=r"x\.jsonl, line 1: no record"):
        RankRecords(tmp_path / "x.jsonl")
