import subprocess
from dataclasses import replace

import torch

from mmaux.experiments.run_environment import (
    RunEnvironment,
    current_environment,
    describe_environments,
    git_revision,
)


def git(folder, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_versions_and_json():
    environment = current_environment()
    assert environment.packages["torch"] == torch.__version__
    assert environment.packages.keys() >= {"mmaux", "mmengine", "mmcv", "mmseg", "numpy"}
    assert environment.processor
    assert RunEnvironment.from_dict(environment.to_dict()) == environment


def test_revision_of_a_checkout(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    assert git_revision(package) is None
    git(tmp_path, "init", "-q")
    assert git_revision(package) is None, "in a repository that does not track it"
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert git_revision(package) == commit
    (package / "notes.txt").write_text("untracked")
    assert git_revision(package) == commit
    (package / "__init__.py").write_text("changed = 1")
    assert git_revision(package) == f"{commit}-modified"


def test_a_place_is_named_once():
    here = RunEnvironment(
        "3.11", {"torch": "2.14", "mmaux": "0.1"}, "x", "Some CPU", 2, 1, (), "0123456789abcdef"
    )
    changed = replace(here, revision="0123456789abcdef-modified")
    there = replace(here, accelerators=("Some GPU",), revision=None)
    assert describe_environments([here, there, changed, here]) == (
        "Run on: Some CPU, 2 cores; torch 2.14, mmaux 0123456789, 0123456789-modified | "
        "Some GPU; torch 2.14, mmaux 0.1."
    )
    assert describe_environments([]) == ""
