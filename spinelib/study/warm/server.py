"""``python -m spinelib.study.warm.server DESCRIPTOR NOTEBOOKS...``: load what they need once, then fork their steps.

It loads nothing before the first step is asked for, and then in that step's environment: OpenMP and others read
theirs when they are loaded. It runs no operation and starts no thread: a fork has the thread alone that forks, and
CUDA cannot be used after one. A step that would find anything else than a new process would is refused.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from spinelib.study.warm.client import ENDING, REFUSED, STARTED, peer_is_ours
from spinelib.study.warm.loading import imported, leads_to, load_those_of_ours, loaded_sources, noting_imports
from spinelib.study.warm.step import ForkedStep, become, begin_own_life

# What every step of a study needs: papermill, its kernel, its page.
FOR_ALL = (
    "papermill.cli",
    "spinelib.study.warm.kernel",
    "spinelib.runs.engine",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "spinelib.report.page",
    "matplotlib.pyplot",
    "scipy.stats",
    "scipy.signal",
    "ipywidgets",
    "filelock",
    "pygments.lexers.python",
    "pygments.formatters.html",
)
# Shells count and name places; a step gets its own.
CHANGING = ("PWD", "OLDPWD", "SHLVL", "_")
# Read when Python starts, which for the steps is the start of the server.
READ_AT_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_")
PATIENCE = 10.0  # seconds for a client to say what it wants


class WarmServer:
    """Listens for clients, forks their steps, hands signals on and says how the steps ended."""

    def __init__(self, listener: socket.socket, notebooks: list[Path]) -> None:
        self.listener, self.notebooks = listener, notebooks
        self.started_in = dict(os.environ)
        self.environment: dict[str, str] = {}
        self.sources: dict[str, int] = {}
        self.imports: dict[str, set[str]] = {}
        self.steps: dict[int, socket.socket] = {}  # by a descriptor of the process
        self.poll = select.poll()

    def serve(self, driver: int) -> ForkedStep | None:
        """Fork until the descriptor `driver` is closed at its other end, and all steps have ended.

        Gives None in the server, at the end, and in every forked process the step that it is to become.
        """
        for descriptor in (driver, self.listener.fileno()):
            self.poll.register(descriptor, select.POLLIN)
        open_to_new = True
        while open_to_new or self.steps:
            for descriptor, _ in self.poll.poll():
                if descriptor == driver:
                    open_to_new = False
                    self.poll.unregister(driver)
                    self.poll.unregister(self.listener)
                    self.listener.close()
                elif descriptor in self.steps:
                    self._tell_end(descriptor)
                elif open_to_new and descriptor == self.listener.fileno():
                    step = self._answer(self.listener.accept()[0])
                    if step is not None:
                        return step
                else:
                    self._hand_on(descriptor)
        return None

    def _answer(self, client: socket.socket) -> ForkedStep | None:
        """Fork, or refuse; gives the step in the forked process."""
        parent = os.getpid()
        step, streams = _asked(client)
        forked = step is not None and self._fits(step.environment) and self._fork(client)
        if os.getpid() != parent:
            self._leave(client, streams)
            begin_own_life(parent)
            return step
        for stream in streams:
            os.close(stream)
        with suppress(OSError):
            client.sendall(STARTED if forked else REFUSED)
        if not forked:
            client.close()
        return None

    def _fork(self, client: socket.socket) -> bool:
        """Fork a process; whether that could be done. To be told which process this is, by its number."""
        try:
            pid = os.fork()
        except OSError:
            return False
        if pid:
            process = os.pidfd_open(pid)
            self.steps[process] = client
            self.poll.register(process, select.POLLIN)
            self.poll.register(client, select.POLLIN)
        return True

    def _leave(self, client: socket.socket, streams: list[int]) -> None:
        """In a forked process: keep nothing of the server but what is loaded."""
        os.setpgid(0, 0)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        for process, other in self.steps.items():
            os.close(process)
            other.close()
        client.close()
        self.listener.close()

    def _hand_on(self, descriptor: int) -> None:
        """Send the step the signals that its client has had; kill it when the client is gone."""
        found = [process for process, client in self.steps.items() if client.fileno() == descriptor]
        for process in found:
            try:
                numbers = self.steps[process].recv(64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                # What was heard was said of an earlier client of this descriptor.
                continue
            except OSError:
                numbers = b""
            if not numbers:
                self.poll.unregister(descriptor)
            for number in numbers or [signal.SIGKILL]:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(process, number)

    def _tell_end(self, process: int) -> None:
        ended = os.waitid(os.P_PIDFD, process, os.WEXITED | os.WNOHANG)
        if ended is None:
            return
        client = self.steps.pop(process)
        status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        for descriptor in (process, client.fileno()):
            with suppress(KeyError):
                self.poll.unregister(descriptor)
        with suppress(OSError):
            client.sendall(ENDING.pack(status))
        client.close()
        os.close(process)

    def _fits(self, environment: Mapping[str, str]) -> bool:
        """Whether a step of this environment finds here what it would load itself."""
        if not self.environment:
            if _read_at_start(environment) != _read_at_start(self.started_in):
                return False
            self._load(environment)
        alone = len(os.listdir("/proc/self/task")) == 1
        return alone and _lasting(environment) == self.environment and self.sources == loaded_sources()

    def has_kernel_for(self, step: ForkedStep) -> bool:
        """Whether the step runs a notebook whose run, as it begins, finds torch loaded, which it asks."""
        if step.module != "papermill" or len(step.words) < 2:
            return False
        return leads_to(imported(Path(step.folder) / step.words[1]), "torch", self.imports)

    def _load(self, environment: Mapping[str, str]) -> None:
        self.environment = _lasting(environment)
        os.environ.clear()
        os.environ.update(environment)
        gc.disable()
        with noting_imports() as self.imports:
            for name in FOR_ALL:
                importlib.import_module(name)
            load_those_of_ours(name for path in self.notebooks for name in imported(path))
        # Nothing of it is ever freed, and no fork is to copy it for the sake of being looked at
        gc.freeze()
        self.sources = loaded_sources()


def _asked(client: socket.socket) -> tuple[ForkedStep | None, list[int]]:
    """What a client wants, and its standard streams; None from one that is not ours or says too little."""
    streams: list[int] = []
    client.settimeout(PATIENCE)
    try:
        if not peer_is_ours(client):
            return None, streams
        head, streams, _, _ = socket.recv_fds(client, ENDING.size, 3, socket.MSG_WAITALL)
        text = client.recv(ENDING.unpack(head)[0], socket.MSG_WAITALL)
        step = ForkedStep(**json.loads(text))
    except (OSError, ValueError, TypeError, struct.error):
        return None, streams
    client.settimeout(None)
    return step, streams


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in CHANGING}


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def main(words: list[str]) -> NoReturn:
    """Serve until the driver, which holds the other end of the standard input, has ended."""
    server = WarmServer(socket.socket(fileno=int(words[0])), [Path(word) for word in words[1:]])
    step = server.serve(sys.stdin.fileno())
    if step is None:
        # Taking apart what was loaded takes a second, and some of it complains.
        os._exit(0)
    if server.has_kernel_for(step):
        sys.modules["spinelib.study.warm.kernel"].provide_spare()
    become(step)


if __name__ == "__main__":
    main(sys.argv[1:])
