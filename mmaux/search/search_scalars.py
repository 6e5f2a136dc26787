"""A search in TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmaux.utils.dependencies import require

from .candidate import Candidate

_RECENT = 10


class SearchScalars:
    """Writes rewards, metrics and seconds over the evaluated candidates.

    The storage has all of it, so a search that goes on writes everything anew: what an earlier
    start wrote there, whole or not, is removed.

    Args:
        folder: The search's own folder of event files.
        candidates: Those that are stored already.

    Raises:
        ImportError: TensorBoard is not installed.
    """

    def __init__(self, folder: Path, candidates: Sequence[Candidate]) -> None:
        require("tensorboard", package="'mmaux[search]'", purpose="writing TensorBoard scalars")
        from torch.utils.tensorboard import SummaryWriter

        for file in folder.glob("events.out.tfevents.*"):
            file.unlink()
        self._writer: Any = SummaryWriter(str(folder))
        self._rewards: list[float] = []
        self._duplicates = 0
        order = sorted(
            (c for c in candidates if c.reward is not None), key=lambda c: c.finished_at or 0.0
        )
        for candidate in order:
            self.finished(candidate)

    def started(self, candidate: Candidate) -> None:
        """Nothing is known of it yet."""

    def finished(self, candidate: Candidate) -> None:
        """Write its values; a duplicate counts for the number of duplicates only."""
        if not candidate.is_evaluated or candidate.reward is None:
            self._duplicates += 1
            return
        self._rewards.append(candidate.reward)
        recent = self._rewards[-_RECENT:]
        values = {
            "reward/candidate": candidate.reward,
            "reward/best": max(self._rewards),
            f"reward/mean_of_{_RECENT}": sum(recent) / len(recent),
            "search/duplicates": self._duplicates,
            "search/failed": float(candidate.status == "failed"),
            "search/stopped_early": float(candidate.stopped_early),
            **{f"metrics/{name}": value for name, value in candidate.metrics.items()},
        }
        if candidate.seconds is not None:
            values["search/seconds"] = candidate.seconds
        for name, value in values.items():
            self._writer.add_scalar(name, value, len(self._rewards), walltime=candidate.finished_at)
        self._writer.flush()

    def close(self) -> None:
        """End the file."""
        self._writer.close()
