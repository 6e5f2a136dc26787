"""The commands that README and docs show."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from small_runs import REPOSITORY

PROGRAMS = r"(?:python|make|mim|pip install|ray|sqlite3|source|export)"
INLINE = re.compile(rf"`((?:\w+=\S+ )*{PROGRAMS} [^`]+)`")
BLOCK = re.compile(r"^```(?:bash|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"\w+=\S+")
SETTINGS = re.compile(r"^(?:[A-Z_]+=\S+ )*")


class Command(NamedTuple):
    """A command, where it stands, and the shell variables set before it."""

    place: str
    text: str
    variables: str = ""


def documents() -> list[str]:
    """README and all pages, by path."""
    pages = sorted((REPOSITORY / "docs").glob("*.md"))
    return ["README.md", *(page.relative_to(REPOSITORY).as_posix() for page in pages)]


def commands_of(document: str) -> list[Command]:
    """Commands in blocks and in the text, in their order."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    found: list[tuple[int, str, str]] = []

    def take_block(match: re.Match[str]) -> str:
        variables = ""
        for line in match[1].replace("\\\n", " ").splitlines():
            line = " ".join(line.split())
            if ASSIGNMENT.fullmatch(line):
                variables += f"{line}; "
            elif line and not line.startswith("#"):
                found.append((match.start(), line, variables))
        return re.sub(r"[^\n]", " ", match[0])

    rest = BLOCK.sub(take_block, text)
    found += [(m.start(), " ".join(m[1].split()), "") for m in INLINE.finditer(rest)]
    found.sort(key=lambda entry: entry[0])
    return [
        Command(f"{document}:{text[:start].count(chr(10)) + 1}", line, variables)
        for start, line, variables in found
    ]


def expand(command: Command, text: str, cwd: Path) -> list[str]:
    """The words as bash makes them: quotes, braces, variables, globs and comments."""
    text = SETTINGS.sub("", text)
    script = f"{command.variables}printf '%s\\0' {text}\n"
    done = subprocess.run(["bash", "-c", script], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout.split("\0")[:-1]
