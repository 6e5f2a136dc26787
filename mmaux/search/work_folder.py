"""The files of the searches in one folder."""

from pathlib import Path

from .search_settings import SearchSettings
from .storage import SearchStorage, StorageError

RANDOM = "random"
_SUFFIX = ".sqlite"


def storage_file(folder: Path, strategy: str) -> Path:
    """The file of a strategy's search."""
    return folder / f"{strategy}{_SUFFIX}"


def open_storage(folder: Path, settings: SearchSettings) -> SearchStorage:
    """The storage of a search, made if it is not there.

    Raises:
        StorageError: The folder holds another search, or one of another strategy whose rewards
            cannot be compared with this one's.
    """
    storage = SearchStorage(storage_file(folder, settings.strategy), settings.identity)
    for other in read_searches(folder).values():
        check_comparable(storage, other)
    return storage


def read_searches(folder: Path) -> dict[str, SearchStorage]:
    """All searches of a folder by strategy, random search last.

    Raises:
        StorageError: There is none.
    """
    files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: (file.stem == RANDOM, file.stem))
    if not files:
        raise StorageError(f"there is no search in '{folder}'; expected files *{_SUFFIX}.")
    return {file.stem: SearchStorage(file) for file in files}


def check_comparable(one: SearchStorage, other: SearchStorage) -> None:
    """See that rewards of two searches mean the same.

    Raises:
        StorageError: They differ in more than the strategy.
    """
    for name in one.identity:
        if name not in ("controller", "strategy") and one.identity[name] != other.identity[name]:
            raise StorageError(
                f"'{one.file}' and '{other.file}' are not comparable: {name} is "
                f"{one.identity[name]} and {other.identity[name]}. Searches in one folder differ "
                "in their controllers only."
            )
