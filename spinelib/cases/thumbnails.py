"""Films in little, kept on the disk while they are compared, so that memory does not grow with their number."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.journal import Journal
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput
from spinelib.core.files import REMEDY, content_digest
from spinelib.core.layout import AUDIT_FILMS, FILM_STEPS

# Height of the films that are compared, px.
HEIGHT = 256
Thumbnail = NDArray[np.float32]
Place = Sequence[int]  # where a film begins in its file, its height and width, a checksum of its bytes


class Thumbnails(Sequence[Thumbnail]):
    """Films in the order in which they were added; they lie in `folder`, and are there again after a kill.

    work: names the code that makes them; those that other code made are not taken. Raises BadInput where the folder
    cannot be written.
    """

    def __init__(self, folder: Path, work: str) -> None:
        self._folder, self._at, self.marks = folder, list[Place](), list[str]()
        try:
            folder.mkdir(exist_ok=True)
            self._file = (folder / AUDIT_FILMS).open("a+b")  # closed by `__exit__`
        except OSError as error:
            raise self._refusal(error) from error
        self._steps = Journal(folder / FILM_STEPS, work)
        if not self._steps.items():
            self._file.truncate(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._steps.__exit__(kind, error, at)
        self._file.close()

    @property
    def kept(self) -> set[str]:
        """Marks of the films that lie there, undamaged."""
        return {mark for mark, place in self._steps.items() if zlib.crc32(self._bytes(place)) == place[3]}

    def add(self, mark: str, film: Thumbnail | None = None) -> None:
        """Make a film [H,W] the next one, and keep it under its mark; None: the one that is kept under it.

        Raises BadInput where the disk is full.
        """
        if film is not None:
            data = np.ascontiguousarray(film, np.float32).tobytes()
            try:
                start = self._file.seek(0, 2)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise self._refusal(error) from error
            self._steps.add(mark, [start, film.shape[0], film.shape[1], zlib.crc32(data)])
        self._at.append(self._steps.get(mark))
        self.marks.append(mark)

    def _bytes(self, place: Place) -> bytes:
        start, height, width, _ = place
        self._file.seek(start)
        return self._file.read(4 * height * width)

    def _refusal(self, error: OSError) -> BadInput:
        return BadInput(self._folder, f"cannot be written ({error.strerror or error})", REMEDY)

    def __len__(self) -> int:
        return len(self._at)

    @overload
    def __getitem__(self, index: int) -> Thumbnail: ...
    @overload
    def __getitem__(self, index: slice) -> list[Thumbnail]: ...
    def __getitem__(self, index: int | slice) -> Thumbnail | list[Thumbnail]:
        """The film at `index`, read anew."""
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        place = self._at[index]
        return np.frombuffer(self._bytes(place), np.float32).reshape(place[1], place[2])


class LittleFilm(NamedTuple):
    """What `read_thumbnails` found of a file: digest of its bytes, its mark, its film in little unless that is kept."""

    content: str
    mark: str
    film: Thumbnail | None


def read_thumbnails(paths: Iterable[Path], kept: Collection[str] = ()) -> Iterator[LittleFilm | BadInput]:
    """`thumbnail` of every film, its greys spread over 0 to 255, or why there is none; two are read at once.

    kept: marks of films that need not be read again; a mark is the digest of a file, and its ending.
    """

    def attempt(path: Path) -> LittleFilm | BadInput:
        try:
            content = content_digest(path) if path.is_file() else ""
            mark = content + path.suffix.lower()
            return LittleFilm(content, mark, None if mark in kept else _spread(thumbnail(path)))
        except BadInput as error:
            return error
        except OSError as error:
            return BadInput(path, f"cannot be read ({error.strerror or error})", "Give yourself the right to read it.")

    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(attempt, paths)


def _spread(film: Thumbnail) -> Thumbnail:
    # Depth does not matter: what is compared is relative, but its floor is meant for 8 bit.
    return np.asarray((film - film.min()) * (255 / max(float(np.ptp(film)), 1e-6)), np.float32)


def thumbnail(path: Path, height: int = HEIGHT) -> Thumbnail:
    """A film in grey at `height` px, its width in proportion. Raises BadInput."""
    picture = Image.fromarray(np.ascontiguousarray(to_grey(read_film(path).pixels)))
    width = max(2, round(picture.width * height / picture.height))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX), np.float32)
