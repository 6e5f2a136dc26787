"""Writing the common folder layout so that an interrupted conversion can go on."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmaux.version import __version__

_STATE = ".converting.json"
_TEMPORARY = ".*.tmp"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file such that it exists whole or not at all, even after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class LayoutWriter:
    """Writes one data set in the common layout, frame by frame.

    ::

        ROOT/meta.json   ROOT/splits/NAME.txt   ROOT/FOLDER/STEM.SUFFIX

    A frame is complete when all its files exist; each is written under a temporary name in its
    folder and renamed. ``splits`` and ``meta.json`` come last. Until then ``.converting.json``
    says what is being converted, so that another source or another number of classes cannot
    slip into a folder half filled. :meth:`write_frame` may be called from several threads.

    Args:
        root: Folder of the data set; created if needed.
        folders: Folders that hold one file a frame: names (files are PNG), or names and suffixes
            (``{"image": ".jpg", "label": ".png"}``).
        conversion: What all frames of the folder must share (source, number of classes, ...), by
            name. It is compared with that of the folder and stored in ``meta.json``.
        optional: Folders in which a frame may lack its file.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        folders: Sequence[str] | Mapping[str, str],
        conversion: Mapping[str, str | int | float],
        optional: Collection[str] = (),
    ) -> None:
        self.root = Path(root)
        self.folders = tuple(folders)
        self.suffixes = (
            dict(folders) if isinstance(folders, Mapping) else dict.fromkeys(folders, ".png")
        )
        self.optional = frozenset(optional)
        self.conversion = dict(conversion)

    def begin(self) -> None:
        """Create the folders, or go on in them, and remove what an interrupted run left.

        Raises:
            ValueError: If the folder cannot be written or holds anything else.
        """
        earlier = self._earlier_conversion()
        for name in self.conversion if earlier is not None else ():
            found = (earlier or {}).get(name)
            if found != self.conversion[name]:
                raise ValueError(
                    f"{self.root}: already holds a conversion with {name} = {found}; this one has "
                    f"{name} = {self.conversion[name]}. Give another output folder, or delete "
                    "this one first."
                )
        try:
            for folder in (*self.folders, "splits"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
            if earlier is None:
                self._refuse_strangers()
            for folder in (".", *self.folders, "splits"):
                for temporary in (self.root / folder).glob(_TEMPORARY):
                    temporary.unlink()
            if not (self.root / "meta.json").exists():
                write_atomically(self.root / _STATE, _json({"conversion": self.conversion}))
        except OSError as error:
            raise ValueError(
                f"{self.root}: the output folder cannot be written ({error.strerror}: "
                f"{error.filename}). Give a folder that does not exist yet or that you may write."
            ) from error

    def is_done(self, stem: str, *, lacking: Collection[str] = ()) -> bool:
        """Whether all files of a frame exist, but for those folders in which it has none."""
        return all(
            self._path(folder, stem).is_file() for folder in self.folders if folder not in lacking
        )

    def write_frame(self, stem: str, files: Mapping[str, bytes]) -> None:
        """Write a frame's files, one for each folder; optional folders may be left out."""
        if not set(self.folders) - self.optional <= set(files) <= set(self.folders):
            raise ValueError(f"frame {stem}: expected {self.folders}, found {tuple(files)}.")
        for folder, content in files.items():
            write_atomically(self._path(folder, stem), content)

    def complete_frame(self, stem: str, files: Mapping[str, bytes]) -> None:
        """Add files that a frame lacks, by folder; those that it has stay as they are."""
        for folder, content in files.items():
            if not self._path(folder, stem).exists():
                write_atomically(self._path(folder, stem), content)

    def finish(self, *, splits: Mapping[str, Sequence[str]], meta: Mapping[str, Any]) -> None:
        """Write the lists of stems and ``meta.json``; the data set is then complete."""
        for name, stems in splits.items():
            lines = "".join(f"{stem}\n" for stem in stems)
            write_atomically(self.root / "splits" / f"{name}.txt", lines.encode())
        content = {**meta, "conversion": self.conversion, "mmaux_version": __version__}
        write_atomically(self.root / "meta.json", _json(content))
        (self.root / _STATE).unlink(missing_ok=True)

    def _path(self, folder: str, stem: str) -> Path:
        return self.root / folder / f"{stem}{self.suffixes[folder]}"

    def _earlier_conversion(self) -> dict[str, Any] | None:
        for name in ("meta.json", _STATE):
            path = self.root / name
            if path.is_file():
                try:
                    return dict(json.loads(path.read_text())["conversion"])
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(
                        f"{path}: not written by a converter of mmaux ({error!r}). Give another "
                        "output folder."
                    ) from error
        return None

    def _refuse_strangers(self) -> None:
        for folder in self.folders:
            stranger = next((self.root / folder).iterdir(), None)
            if stranger is not None:
                raise ValueError(
                    f"{stranger}: the output folder already holds files that no conversion wrote. "
                    "Give an empty or new folder."
                )


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()
