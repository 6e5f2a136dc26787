"""What all runs of an experiment share."""

from dataclasses import dataclass
from pathlib import Path

from mmaux.utils.shipped_content import CONFIGS

"""The configs: a link to ``configs/`` in a checkout, copies in an installation."""

SCHEDULES = ("paper", "expansion", "short", "short_pretrained")
"""``paper``: the config's own; the others are laid over it, ``expansion`` in two parts."""


@dataclass(frozen=True)
class Setting:
    """What all runs of an experiment share.

    Attributes:
        data: Name of the data set, one of :data:`mmaux.experiments.experiment.DATA`.
        schedule: One of :data:`SCHEDULES`.
        seeds: Seeds.
        out: Folder of all runs and reports.
        data_root: Folder of the data set, in place of the configs' own.
        configs: Folder of the configs.
        expansion_root: Folder of NYUD-v2-expansion, in place of ``data/nyudexp``.
        backbone_weights: File or address of weights that backbones start from, in place of the
            configs' own.
    """

    data: str
    schedule: str
    seeds: tuple[int, ...]
    out: Path
    data_root: Path | None = None
    configs: Path = CONFIGS
    expansion_root: Path | None = None
    backbone_weights: str | None = None

    def run_folder(self, config_name: str, seed: int) -> Path:
        """Folder of a run. Experiments that need the same run share it."""
        return self.out / "runs" / self.schedule / config_name / f"seed_{seed}"

    def pretraining_folder(self, config_name: str, seed: int) -> Path:
        """Folder of the pre-training of a run."""
        return self.out / "runs" / f"{self.schedule}_pretrain" / config_name / f"seed_{seed}"
