"""Running a search in a folder, with all that belongs to it."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from mmaux.experiments.tool_process import folder_lock

from .found_architecture import write_found
from .search_display import SearchDisplay
from .search_loop import SearchLoop, SearchObserver
from .search_scalars import SearchScalars
from .search_settings import SearchSettings
from .work_folder import open_storage
from .workers import BaseWorkerPool


def run_search(
    settings: SearchSettings,
    folder: Path,
    *,
    make_workers: Callable[..., BaseWorkerPool],
    command: str,
    console: Console,
) -> None:
    """Search, or go on, and write ``best_{strategy}.json``, also after an interrupt.

    Args:
        settings: The search.
        folder: Folder of its files.
        make_workers: Makes the workers from the evaluator's config and ``imports``.
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
                make_workers(settings.evaluator, imports=settings.imports) as pool,
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
