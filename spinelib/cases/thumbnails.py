"""Films in little, kept on the disk while they are compared, so that memory does not grow with their number."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput
from spinelib.core.files import REMEDY

# Height of the films that are compared, px.
HEIGHT = 256
Thumbnail = NDArray[np.float32]


class Thumbnails(Sequence[Thumbnail]):
    """Films in the order in which they were added; their file in `folder` has no name and goes with the `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._at = folder, list[tuple[int, tuple[int, int]]]()
        try:
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `__exit__`)
        except OSError as error:
            raise self._refusal(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, film: Thumbnail) -> None:
        """Keep a film [H,W]. Raises BadInput where the disk is full."""
        try:
            start = self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(film, np.float32).tobytes())
            self._file.flush()
        except OSError as error:
            raise self._refusal(error) from error
        self._at.append((start, (film.shape[0], film.shape[1])))

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
        start, (height, width) = self._at[index]
        self._file.seek(start)
        return np.frombuffer(self._file.read(4 * height * width), np.float32).reshape(height, width)


def read_thumbnails(paths: Iterable[Path]) -> Iterable[Thumbnail | BadInput]:
    """`thumbnail` of every film, its greys spread over 0 to 255, or why there is none; two are read at once."""

    def attempt(path: Path) -> Thumbnail | BadInput:
        try:
            film = thumbnail(path)
        except BadInput as error:
            return error
        # Depth does not matter: what is compared is relative, but its floor is meant for 8 bit.
        return np.asarray((film - film.min()) * (255 / max(float(np.ptp(film)), 1e-6)), np.float32)

    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(attempt, paths)


def thumbnail(path: Path, height: int = HEIGHT) -> Thumbnail:
    """A film in grey at `height` px, its width in proportion. Raises BadInput."""
    picture = Image.fromarray(np.ascontiguousarray(to_grey(read_film(path).pixels)))
    width = max(2, round(picture.width * height / picture.height))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX), np.float32)
