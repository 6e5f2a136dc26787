"""Make commands of README and docs, up to what they start; the demo in small, to its end."""

import importlib.util
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documented import commands_of, documents
from environment_setup import EnvironmentSetup
from setup_env import resolve_choice
from small_runs import REPOSITORY
from stacks import STACKS, get_stack

COMMANDS = sorted(
    {
        command.text.split("#")[0].strip()
        for document in documents()
        for command in commands_of(document)
        if command.text.startswith("make ")
    }
)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def started_by(words: list[str]) -> list[list[str]]:
    """The commands that make would start, by their words."""
    command = ["make", "-n", *words]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if "setup_env.py" in line]


@pytest.mark.parametrize("text", COMMANDS)
def test_what_make_starts_is_there(text: str) -> None:
    (words,) = started_by(shlex.split(text)[1:])
    assert (REPOSITORY / "tools/environment/setup_env.py").is_file()
    if "--run" in words:
        script, *rest = words[words.index("--run") + 1 :]
        if script == "-m":
            assert importlib.util.find_spec(rest[0]) is not None
        else:
            assert (REPOSITORY / script).is_file()


def test_arguments_arrive() -> None:
    (words,) = started_by(["test", "PYTEST_ARGS=--slow -k killed", "WORKERS=3", "STACK=onedl"])
    assert words[words.index("--stack") + 1] == "onedl"
    assert words[words.index("-m") :] == [
        *("-m", "pytest", "-n", "3", "--hypothesis-seed=0", "--slow", "-k", "killed")
    ]


def settled_stack() -> str | None:
    """What make has made this environment with; None if it would change it."""
    for name in STACKS:
        choice = resolve_choice("", sys.executable, name)
        if not EnvironmentSetup(choice, get_stack(name)).pending():
            return name
    return None


def test_the_demo_runs(tmp_path: Path) -> None:
    stack = settled_stack()
    if stack is None:
        pytest.skip("make would change this environment")
    pytest.importorskip("embreex")
    small = "--train 4 --test 2 --size 48x64 --cfg-options train_cfg.max_iters=2"
    small += " train_cfg.val_interval=2 train_dataloader.batch_size=2"
    command = ["make", "demo", f"PYTHON={sys.executable}", f"STACK={stack}"]
    command.append(f"DEMO_ARGS=--out {tmp_path / 'demo'} {small}")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert "The tested auxi_all is the stripped one" in done.stdout, done.stdout + done.stderr
    # Two iterations do not learn enough, and the command's status says so.
    assert "too little was learnt" in done.stdout
    assert done.returncode == 2
    assert (tmp_path / "demo" / "panel.png").is_file()


def test_the_environment_is_activated(tmp_path: Path) -> None:
    """``source .venv/bin/activate``, of the environment that the tests run in."""
    activate = Path(sys.prefix) / "bin" / "activate"
    if not activate.is_file():
        pytest.skip("this Python is of no virtual environment")
    script = (
        f"source {shlex.quote(str(activate))} && python -c 'import mmaux, sys; print(sys.prefix)'"
    )
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"{sys.prefix}\n", done.stderr
