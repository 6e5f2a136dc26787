"""The sets of OpenMMLab distributions that mmaux can be set up with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pip_constraints import keep_lines
from setup_error import SetupError

# onedl-mim 0.5.1 takes the folder of RECORD's first file for a package's, not so with mmaux:
# both stacks get openmim.
FOREIGN = ("mmcv-lite", "mmcv-full", "onedl-mim")
SCRIPTS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Stack:
    """Distributions that provide mmcv, mmengine, mmseg and mmpretrain.

    Args:
        name: What ``STACK=`` takes.
        folder: Environment that it is set up in where none is named.
        mmcv: Distribution of mmcv; it is compiled from its source.
        packages: The other distributions, imported as mmengine, mmseg and mmpretrain.
        ranges: File in this folder that holds the distributions' ranges, if requirements.txt does
            not.
    """

    name: str
    folder: str
    mmcv: str
    packages: tuple[str, ...]
    ranges: str | None = None

    @property
    def distributions(self) -> tuple[str, ...]:
        """All distributions of the stack."""
        return (self.mmcv, *self.packages)

    @property
    def foreign(self) -> tuple[str, ...]:
        """Distributions that provide the same modules: an environment holds one or the other.

        They overwrite each other's files.
        """
        others = [stack for stack in STACKS.values() if stack.name != self.name]
        return (*FOREIGN, *(name for one in others for name in one.distributions))

    def select_requirements(self, requirements: str) -> str:
        """The lines of requirements.txt with this stack's distributions in place of others'."""
        own = (SCRIPTS / self.ranges).read_text(encoding="utf-8") if self.ranges else ""
        return keep_lines(requirements, without=self.foreign) + own


STACKS = {
    "released": Stack(
        name="released",
        folder=".venv",
        mmcv="mmcv",
        packages=("mmengine", "mmsegmentation", "mmpretrain"),
    ),
    "onedl": Stack(
        name="onedl",
        folder=".venv-onedl",
        mmcv="onedl-mmcv",
        packages=("onedl-mmengine", "onedl-mmsegmentation", "onedl-mmpretrain"),
        ranges="onedl_requirements.txt",
    ),
}


def get_stack(name: str) -> Stack:
    """The stack of a name.

    Raises:
        SetupError: There is no such stack.
    """
    if name not in STACKS:
        raise SetupError(f"STACK={name} is not known; expected one of: {', '.join(STACKS)}")
    return STACKS[name]
