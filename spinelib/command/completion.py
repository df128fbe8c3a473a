"""`spinelib completion SHELL`: the script by which a shell completes the words of the command line."""

from __future__ import annotations

import argparse
from typing import Any

from spinelib.command.parser import new_command

SHELLS = ("bash", "zsh", "tcsh")
TEXT = "Print the script by which a shell completes the words of `spinelib` at the tab key. It writes no file itself."


def add_command(commands: Any) -> None:
    """Add `completion` to the commands."""
    examples = (
        "completion bash > ~/.local/share/bash-completion/completions/spinelib",
        "completion zsh > ~/.zfunc/_spinelib  # a folder in your fpath",
        "completion tcsh > ~/.spinelib.tcsh  # source it in ~/.tcshrc",
    )
    parser = new_command(commands, "completion", "print the script for completion by a shell", TEXT, *examples)
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(call=_complete)


def _complete(given: argparse.Namespace) -> None:
    import shtab

    print(shtab.complete(given.whole, given.shell))
