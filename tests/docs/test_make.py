"""Make commands of README and docs, up to what they start."""

import importlib.util
import shlex
import shutil
import subprocess

import pytest
from documented import commands_of, documents
from small_runs import REPOSITORY

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
