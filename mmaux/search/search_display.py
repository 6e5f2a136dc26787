"""Progress of a search: rewards, best, candidates an hour, time left."""

from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from .candidate import Candidate
from .search_rate import SearchRate

_RECENT = 10


class SearchDisplay:
    """A bar on a terminal, and a line for each evaluated candidate everywhere.

    Args:
        title: Name of the strategy.
        candidates: Those that are stored already.
        total: How many shall be evaluated.
        console: Where to write.
    """

    def __init__(
        self,
        title: str,
        candidates: Sequence[Candidate],
        *,
        total: int,
        console: Console | None = None,
    ) -> None:
        self.title = title
        self.total = total
        self.console = console or Console()
        self.rewards = [c.reward for c in candidates if c.is_evaluated and c.reward is not None]
        self.duplicates = sum(c.status == "duplicate" for c in candidates)
        self.rate = SearchRate()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[state]}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._bar = self._progress.add_task(title, total=total, state="")

    def __enter__(self) -> "SearchDisplay":
        self._progress.start()
        self._refresh()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def started(self, candidate: Candidate) -> None:
        """Its evaluation begins: the bar shows the time passing."""
        self._refresh()

    def finished(self, candidate: Candidate) -> None:
        """It has its reward."""
        if not candidate.is_evaluated:
            self.duplicates += 1
            return
        assert candidate.reward is not None
        self.rewards.append(candidate.reward)
        self.rate.done += 1
        text = f"candidate {candidate.number}: reward {candidate.reward:.4f}"
        if candidate.error is not None:
            text += f", failed: {candidate.error.strip().splitlines()[-1]}"
        elif candidate.stopped_early:
            text += f", stopped at iteration {candidate.curve[-1][0]}"
        if candidate.seconds is not None:
            text += f"; {candidate.seconds:.1f} s"
        head = f"[{len(self.rewards)}/{self.total}] {self.title}, "
        self._print(f"{head}{text} ({self.state()})")
        self._refresh()

    def state(self) -> str:
        """Rewards so far, pace and time left."""
        if not self.rewards:
            return ""
        recent = self.rewards[-_RECENT:]
        parts = [
            f"best {max(self.rewards):.4f}",
            f"mean of the last {len(recent)} {sum(recent) / len(recent):.4f}",
            f"{self.duplicates} duplicates",
        ]
        rate, left = self.rate.per_hour(), self.rate.seconds_left(self.total - len(self.rewards))
        if rate is not None and left is not None:
            parts += [f"{rate:.0f} an hour", f"about {timedelta(seconds=round(left))} left"]
        return ", ".join(parts)

    def _refresh(self) -> None:
        self._progress.update(self._bar, completed=len(self.rewards), state=self.state())

    def _print(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
