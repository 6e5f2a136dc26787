"""Frames through reading, computing and writing, in threads."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mmaux.utils.progress import progress_bar

Key = TypeVar("Key")
Frame = TypeVar("Frame")


@dataclass(frozen=True)
class ConversionSummary:
    """What a conversion did.

    Attributes:
        frames: Frames of the data set.
        skipped: Frames that an earlier run had done.
        splits: Number of frames in each list.
        folder: Folder of the data set.
    """

    frames: int
    skipped: int
    splits: dict[str, int]
    folder: Path


def check_workers(workers: int) -> None:
    """Refuse a number of workers below 1.

    Raises:
        ValueError: If it is.
    """
    if workers < 1:
        raise ValueError(f"workers: expected at least 1, found {workers}.")


def process_frames(
    keys: Sequence[Key],
    *,
    read: Callable[[Key], Frame],
    work: Callable[[Frame], None],
    workers: int,
    description: str,
) -> None:
    """Call ``work(read(key))`` for every key, with progress.

    Reading happens in the calling thread, one frame ahead of the workers and no more, so that
    a large file is held in memory frame by frame. The first error ends the run; frames that were
    begun are finished.

    Args:
        keys: What ``read`` is called with, in order.
        read: Gives a frame; need not be safe to call from several threads.
        work: Computes and writes; called from ``workers`` threads.
        workers: At least 1.
        description: What the progress bar says.

    Raises:
        Exception: Whatever ``read`` or ``work`` raises.
    """
    if not keys:
        return
    with progress_bar(description, total=len(keys)) as advance:
        pool = ThreadPoolExecutor(workers)
        pending: deque[Future[None]] = deque()
        try:
            for key in keys:
                if len(pending) > workers:
                    pending.popleft().result()
                    advance()
                pending.append(pool.submit(work, read(key)))
            while pending:
                pending.popleft().result()
                advance()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
