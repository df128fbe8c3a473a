"""The one error a user meets for input that cannot be used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path


class BadInput(ValueError):
    """Input that cannot be used: says which file (or parameter), why, and what to do.

    The message is one line, ``FILE: REASON. REMEDY``, so that it can stand alone in a log, a table or a page.
    """

    def __init__(self, file: str | Path, reason: str, remedy: str) -> None:
        self.file, self.reason, self.remedy = safe_line(str(file)), safe_line(reason), safe_line(remedy)
        super().__init__(f"{self.file}: {self.reason.rstrip('.')}. {self.remedy}")

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, str, str]]:
        """Keep the three parts when the error crosses a process boundary."""
        return type(self), (self.file, self.reason, self.remedy)


def printable(text: str) -> str:
    r"""The text with the bytes of a file name that are no UTF-8 as ``\xNN``, so that it can be printed and written."""
    named = re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)
    return named.encode("utf-8", "backslashreplace").decode("utf-8")


def safe_line(text: str) -> str:
    r"""`printable`, with the control characters that a file's name may hold as ``\xNN``: they move no terminal."""
    return re.sub("[\x00-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", printable(text))


def closest(name: object, known: Iterable[object]) -> str:
    """A remedy that names the known word closest to `name` (any value, as its text), or lists all of them."""
    words = sorted(map(str, known))
    near = difflib.get_close_matches(str(name), words, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(words) or 'none'}."
