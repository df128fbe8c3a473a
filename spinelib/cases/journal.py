"""Finished steps of long work, kept on the disk: a process that was killed is gone on from behind the last of them."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from spinelib.core.errors import BadInput
from spinelib.core.files import REMEDY

WORK = "work"


class Journal:
    """Results of steps by their keys, each a line of JSON in a file.

    work: names what is done, and the code that does it; the steps of other work are forgotten, as are all from the
    first line on that was cut off or damaged. Raises BadInput where the file cannot be written.
    """

    def __init__(self, path: Path, work: str) -> None:
        self._path, self._steps = path, dict[str, Any]()
        try:
            self._file = path.open("a+b")  # closed by `__exit__`
            self._file.truncate(self._read(work))
            if not self._steps:
                self.add(WORK, work)
        except OSError as error:
            raise self._refusal(error) from error

    def _read(self, work: str) -> int:
        """Take up the steps that stand in the file; gives how many of its bytes hold them."""
        self._file.seek(0)
        good = 0
        for line in self._file:
            step = _step(line)
            if step is None or (not good and step != (WORK, work)):
                break
            self._steps[step[0]] = step[1]
            good += len(line)
        return good

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def get(self, key: str) -> Any:
        """What the step called `key` gave; None where it has not finished."""
        return self._steps.get(key)

    def items(self) -> list[tuple[str, Any]]:
        """The steps that have finished, in the order in which they did."""
        return [(key, value) for key, value in self._steps.items() if key != WORK]

    def add(self, key: str, value: Any) -> None:
        """Keep what a step gave, a JSON value other than None. Raises BadInput where the disk is full."""
        text = json.dumps([key, value]).encode()
        try:
            self._file.write(b"%08x %b\n" % (zlib.crc32(text), text))
            self._file.flush()
        except OSError as error:
            raise self._refusal(error) from error
        self._steps[key] = value

    def _refusal(self, error: OSError) -> BadInput:
        return BadInput(self._path, f"cannot be written ({error.strerror or error})", REMEDY)


def _step(line: bytes) -> tuple[str, Any] | None:
    """Key and value of a whole line; None for any other."""
    check, _, text = line[:-1].partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(text):
        return None
    key, value = json.loads(text)
    return key, value
