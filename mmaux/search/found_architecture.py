"""The best architecture of a search, as a file that a config can name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmaux.experiments.run_folder import write_json

from .candidate import Candidate
from .storage import SearchStorage


def ranked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that were evaluated to their end, the best first, the earlier of equals."""
    finished = [c for c in candidates if c.status == "finished" and not c.stopped_early]
    return sorted(finished, key=lambda c: (-(c.reward or 0.0), c.number))


def write_found(storage: SearchStorage, file: Path, *, command: str) -> dict[str, Any] | None:
    """Write the best architecture with where it comes from.

    ``AuxiliaryArchitecture.from_json`` and ``auxiliary.architecture`` of a config take the file.

    Args:
        storage: The search.
        file: JSON file to write.
        command: The command line that searched.

    Returns:
        What was written; None, and nothing written, if no candidate is finished.
    """
    candidates = storage.candidates()
    best = next(iter(ranked(candidates)), None)
    if best is None:
        return None
    content = {
        "architecture": best.architecture.to_dict(),
        "provenance": {
            "command": command,
            "search": storage.identity,
            "candidates": sum(c.is_evaluated for c in candidates),
            "proposals": len(candidates),
            "candidate": best.number,
            "sequence": list(best.sequence),
            "canonical_key": best.key,
            "reward": best.reward,
            "metrics": dict(best.metrics),
            "seed": best.seed,
            "environments": storage.environments(),
        },
    }
    write_json(file, content)
    return content
