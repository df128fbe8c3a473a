"""Where a study says how far it is: lines that stay and, on a terminal, a few below them that are drawn anew."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

from spinelib.core.shown import GAP

UP_AND_CLEAR = "\x1b[{}A\x1b[J"


class Screen:
    """Standard output as a terminal or as a log; one that has no cursor counts as a log."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.is_terminal = self.out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._drawn = 0

    def keep(self, *lines: str) -> None:
        """Lines that stay."""
        self._write([*lines])

    def draw(self, *lines: str) -> None:
        """Lines in the place of those drawn last, each cut to the width of the terminal; in a log they stay."""
        if not self.is_terminal:
            self.keep(*lines)
            return
        width = shutil.get_terminal_size().columns - 1
        self._write([line if len(line) <= width else line[: width - 1] + GAP for line in lines])
        self._drawn = len(lines)

    def leave(self) -> None:
        """What is drawn now stays: others go on writing below it."""
        self._drawn = 0

    def _write(self, lines: Sequence[str]) -> None:
        clear = UP_AND_CLEAR.format(self._drawn) if self._drawn else ""
        self._drawn = 0
        self.out.write(clear + "".join(f"{line}\n" for line in lines))
        self.out.flush()
