"""The sets of OpenMMLab distributions that mmaux can be set up with."""

from __future__ import annotations

from dataclasses import dataclass

from setup_error import SetupError


@dataclass(frozen=True)
class Stack:
    """Distributions that provide mmcv, mmengine, mmseg and mmpretrain.

    Args:
        name: What ``STACK=`` takes.
        mmcv: Distribution of mmcv; it is compiled from its source.
        packages: The other distributions, imported as mmengine, mmseg and mmpretrain.
        foreign: Distributions that provide the same modules: an environment holds one or the
            other, since they overwrite each other's files.
    """

    name: str
    mmcv: str
    packages: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def distributions(self) -> tuple[str, ...]:
        """All distributions of the stack."""
        return (self.mmcv, *self.packages)


STACKS = {
    "released": Stack(
        name="released",
        mmcv="mmcv",
        packages=("mmengine", "mmsegmentation", "mmpretrain"),
        foreign=(
            "mmcv-lite",
            "mmcv-full",
            "onedl-mmcv",
            "onedl-mmengine",
            "onedl-mmsegmentation",
            "onedl-mmpretrain",
        ),
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
