"""What ``python -m MODULE`` does, in a process that has been forked instead of started."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import random
import runpy
import signal
import sys
import threading
from dataclasses import dataclass
from typing import NoReturn

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux
UNWRITTEN = 120  # how Python ends that cannot write its last words


@dataclass(frozen=True)
class ForkedStep:
    """A module to be run as a program: its words, folder and environment, and what `client.inherited` says of it."""

    words: list[str]
    folder: str
    environment: dict[str, str]
    inherited: str = ""

    @property
    def module(self) -> str:
        """Name of the module."""
        return self.words[0]


def begin_own_life(parent: int) -> None:
    """Make this process, forked a moment ago, one of its own: it ends with its `parent`, and draws its own numbers.

    What ends the parent, such as folders to remove, is none of its business.
    """
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    atexit._clear()
    gc.enable()
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        # Of the processor alone; what a card has is made when it is used first
        sys.modules["torch"].default_generator.seed()


def become(step: ForkedStep) -> NoReturn:
    """Be the program: run the module and end as it does, with what it has registered for its end."""
    os.chdir(step.folder)
    os.environ.clear()
    os.environ.update(step.environment)
    sys.argv = list(step.words)
    if not sys.flags.safe_path:
        # The server, too, was started by python -m.
        sys.path[0] = step.folder
    status = 0
    try:
        runpy.run_module(step.module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        status = (end.code or 0) & 0xFF
    _end(status)


def _end(status: int) -> NoReturn:
    """End as a program does, but without taking apart, object by object, what the server has loaded."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except OSError:
        status = UNWRITTEN
    os._exit(status)
