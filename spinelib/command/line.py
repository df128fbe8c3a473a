"""The command `spinelib`: its words, its errors in one line, its exit status."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence

import spinelib
from spinelib.command import completion, export, new, read, study, weights
from spinelib.command.parser import INTERRUPTED, NAME, PARTLY, STATUSES
from spinelib.core.command_line import UNUSABLE, OneLineParser
from spinelib.core.errors import BadInput, safe_line
from spinelib.core.files import system_refusal

TEXT = """Reads spine films and volumes, and compares the networks that do, offline.

Begin with
  spinelib read FOLDER     outlines, Cobb angles and a page of overlays of your films
  spinelib study run quick the study: every method on digital patients, as pages

Everything is written below the current folder, in reports/; nothing is sent anywhere. Not a medical device."""
COMMANDS = (read, export, new, study, weights, completion)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit status (0, 1, 2 or 130, see STATUSES). Errors are one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # Names of files may hold signs that a terminal's own letters lack.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    given = parse_line(list(sys.argv[1:] if words is None else words))
    try:
        return int(given.call(given) or 0)
    except KeyboardInterrupt:
        # One more would only break into the end of this process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("stopped; the same command goes on where it was", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Who reads the output has seen enough, and Python's last flush would say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PARTLY
    except (BadInput, OSError) as error:
        words = system_refusal(error) if isinstance(error, OSError) else str(error)
        print(f"error: {safe_line(words)}", file=sys.stderr)
        return UNUSABLE


def parse_line(words: Sequence[str]) -> argparse.Namespace:
    """The words of a call, checked; `more` holds those behind ``--`` for Snakemake, elsewhere they are plain names.

    Ends with status 2 and one line for words that no command takes.
    """
    # argparse before Python 3.13 loses what stands behind -- once a command has taken its words.
    words = list(words)
    end = words.index("--") if "--" in words else len(words)
    own, more = words[:end], words[end + 1 :]
    if own[:1] != ["study"]:
        own += [f".{os.sep}{word}" if word.startswith("-") else word for word in more]
    parser = whole_parser()
    parser.check_words(words)
    given = parser.parse_args(own)
    given.more = more
    return given


def whole_parser() -> OneLineParser:
    """The parser of every command; loads nothing that a command needs for its work."""
    parser = OneLineParser(prog=NAME, description=TEXT, epilog=STATUSES)
    parser.add_argument("--version", action="version", version=f"{NAME} {spinelib.__version__}")
    parser.set_defaults(whole=parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add_command(commands)
    return parser
