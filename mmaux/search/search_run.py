"""Running a search in a folder, with all that belongs to it."""

from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console

from mmaux.experiments.tool_process import folder_lock

from .found_architecture import write_found
from .search_display import SearchDisplay
from .search_loop import SearchLoop, SearchObserver
from .search_scalars import SearchScalars
from .search_settings import SearchSettings
from .work_folder import open_storage
from .workers import BaseWorkerPool, EvaluationWorker, InlinePool, ProcessPool, RayPool


def make_pool(settings: SearchSettings, *, workers: int, ray_address: str | None) -> BaseWorkerPool:
    """The workers of a search.

    Args:
        settings: The search.
        workers: How many; 0 evaluates in this process, for debuggers.
        ray_address: Address of a Ray cluster; None for processes of this machine.

    Raises:
        ValueError: The number of workers is impossible.
        ImportError: Ray is not installed.
    """
    if ray_address is not None:
        return RayPool(workers, settings.evaluator, imports=settings.imports, address=ray_address)
    if workers == 0:
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
        return InlinePool(
            EvaluationWorker(
                settings.evaluator, imports=settings.imports, device=device, threads=None
            )
        )
    return ProcessPool(workers, settings.evaluator, imports=settings.imports)


def run_search(
    settings: SearchSettings,
    folder: Path,
    *,
    make_workers: Callable[[SearchSettings], BaseWorkerPool],
    command: str,
    console: Console,
) -> None:
    """Search, or go on, and write ``best_{strategy}.json``, also after an interrupt.

    Args:
        settings: The search.
        folder: Folder of its files.
        make_workers: Makes the workers, if there is anything to evaluate.
        command: The command line, for the provenance.
        console: Where to tell how it is getting on.

    Raises:
        StorageError: The folder holds another search.
        EvaluatorError: The evaluator cannot be built.
    """

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    with folder_lock(folder, on_wait=_once(lambda: say("another search runs here; waiting"))):
        storage = open_storage(folder, settings)
        candidates = storage.candidates()
        observers: list[SearchObserver] = []
        try:
            scalars = SearchScalars(folder / "tensorboard" / settings.strategy, candidates)
            observers.append(scalars)
        except ImportError as error:
            say(f"no TensorBoard: {error}")
        try:
            with (
                SearchDisplay(
                    settings.strategy, candidates, total=settings.candidates, console=console
                ) as display,
                make_workers(settings) as pool,
            ):
                reason = SearchLoop(settings, storage, pool, observers=[*observers, display]).run()
            if reason is not None:
                say(f"{settings.strategy}: ended early: {reason}")
        finally:
            file = folder / f"best_{settings.strategy}.json"
            if write_found(storage, file, command=command) is not None:
                say(f"wrote {file}")
            storage.close()


def _once(action: Callable[[], None]) -> Callable[[], None]:
    waiting = [action]

    def act() -> None:
        if waiting:
            waiting.pop()()

    return act
