"""The one error a user meets for input that cannot be used."""

from __future__ import annotations

from pathlib import Path


class BadInput(ValueError):
    """Input that cannot be used: says which file (or parameter), why, and what to do.

    The message is one line, ``FILE: REASON. REMEDY``, so that it can stand alone in a log, a table or a page.
    """

    def __init__(self, file: str | Path, reason: str, remedy: str) -> None:
        self.file, self.reason, self.remedy = str(file), reason, remedy
        super().__init__(f"{file}: {reason.rstrip('.')}. {remedy}")

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, str, str]]:
        """Keep the three parts when the error crosses a process boundary."""
        return type(self), (self.file, self.reason, self.remedy)
