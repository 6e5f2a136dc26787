"""One finding of the data check."""

from dataclasses import dataclass

EMPTY = "empty"
"""Kind of a file that has no valid pixel."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file, in one line.

    Attributes:
        file: The file, or the config for what concerns a pipeline.
        kind: Short name; problems of equal kind are listed together.
        found: What was found and what was expected.
        fix: What to do.
    """

    file: str
    kind: str
    found: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.file}: {self.found}"
        return " ".join((f"{line}; {self.fix}" if self.fix else line).split())


def problem_of_error(path: str, error: Exception) -> Problem:
    """The problem that an exception while reading ``path`` tells of.

    mmaux's own messages name the file and the fix and are kept as they are; others get both.
    """
    text = str(error)
    if text.startswith(f"{path}: "):
        return Problem(path, "unreadable", text.removeprefix(f"{path}: "))
    found = f"cannot be read ({type(error).__name__}: {text})"
    return Problem(path, "unreadable", found, "copy or convert it again.")
