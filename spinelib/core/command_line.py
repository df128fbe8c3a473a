"""How every command line takes its words: a mistake among them is told in one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

UNUSABLE = 2  # exit status: nothing could be done with what was given


class OneLineParser(argparse.ArgumentParser):
    """A parser that keeps the lines of its help as they are written, and tells a mistake in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **options})
        self._mixed = False

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the words given and where help is; ends with status 2."""
        print(f"error: {message}. Help: {self.prog} --help", file=sys.stderr)
        sys.exit(UNUSABLE)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        """As argparse has it, options between names too; words that no text of ours can hold end with status 2.

        argparse alone takes ``read FILMS --network mr OUT`` for a call without OUT and a word too many.
        """
        self.check_words(sys.argv[1:] if args is None else args)
        if self._mixed or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixed = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixed = False

    def check_words(self, words: Sequence[str]) -> None:
        """End with status 2 and one line for a word with a null character: no name of a file has one."""
        for word in words:
            if "\0" in word:
                self.error(f"{word!r} holds a null character, which no path and no name has")
