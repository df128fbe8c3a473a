"""Ctrl-C, and an end asked for by the system (SIGTERM), while a study runs: its jobs end, and the same command goes on.

The first one lets Snakemake and its jobs tidy up, a second one ends them at once, a third one kills them. Snakemake
itself would wait for its running jobs on SIGTERM, which may take days: it is handed on as SIGINT.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any, Self

import psutil

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LEVELS = {1: signal.SIGINT, 2: signal.SIGTERM, 3: signal.SIGKILL}
# What Snakemake says when it has heard Ctrl-C itself, which goes to every process of a terminal.
HEARD = "Terminating processes on user request"
HEARING, ENDING = 3.0, 10.0  # seconds until it should have said so; until all jobs should have ended


class Stopped(KeyboardInterrupt):
    """A study was asked to end."""


class Stopper:
    """Hears both signals for the time of a `with`; the first raises Stopped, unless a child has to end before."""

    def __init__(self) -> None:
        self.asked, self.number = 0, signal.SIGINT
        self._level, self._since, self._waiting = 0, 0.0, False
        self._former: dict[signal.Signals, Any] = {}
        self._jobs: dict[int, psutil.Process] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._former = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)

    @property
    def status(self) -> int:
        """The exit status by which shells know what ended a command: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self.asked += 1
        if self.asked == 1:
            self.number = signal.Signals(number)
            if not self._waiting:
                raise Stopped

    def begin(self) -> None:
        """A child is running, whose end is to be waited for."""
        self._waiting = True

    def hand_on(self, child: subprocess.Popen[bytes], said: str) -> None:
        """Hand on what was asked for since the last call; to be called often. said: the child's words so far."""
        waited = time.monotonic() - self._since
        if self._level < min(self.asked, 3):
            self._raise_to(min(self.asked, 3))
            if self._level == 1:
                print("stopping: the jobs tidy up and end; ask once more to end them at once", flush=True)
            if self._level > 1 or self.number == signal.SIGTERM:
                self._send(child)
        elif self._level == 1 and waited > HEARING and HEARD not in said and not self._jobs:
            self._send(child)
        elif self._level == 2 and waited > ENDING:
            self._raise_to(3)
            self._send(child)

    def _raise_to(self, level: int) -> None:
        self._level, self._since = level, time.monotonic()

    def _send(self, child: subprocess.Popen[bytes]) -> None:
        """Send the level's signal to the child and all it has started; SIGINT to those alone that Ctrl-C reaches."""
        with suppress(psutil.Error):
            top = psutil.Process(child.pid)
            self._jobs |= {process.pid: process for process in (top, *top.children(recursive=True))}
        for process in self._jobs.values():
            with suppress(psutil.Error, OSError):
                if self._level > 1 or os.getpgid(process.pid) == os.getpgrp():
                    process.send_signal(LEVELS[self._level])

    def end(self) -> None:
        """The child has ended. Raises Stopped when that was asked for, once all it had started has ended, too."""
        self._waiting = False
        if self.asked:
            for process in psutil.wait_procs(list(self._jobs.values()), timeout=ENDING)[1]:
                with suppress(psutil.Error):
                    process.kill()
            raise Stopped
