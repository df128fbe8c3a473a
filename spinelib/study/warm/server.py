"""``python -m spinelib.study.warm.server DESCRIPTOR NOTEBOOKS...``: load what they need once, then fork their steps.

It runs no operation and starts no thread: a fork has the thread alone that forks, and CUDA cannot be used after one.
Whose is what: a step is the server's child and ends with it (the system sees to that); it is ended when its client is
gone. The server ends when its driver is gone, or it is asked to, and its steps have ended: as jobs of Snakemake do,
they outlive the driver where Snakemake does.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from spinelib.study.warm.client import ENDING, REFUSED, STARTED, STREAMS, peer_is_ours
from spinelib.study.warm.held import WarmLibrary
from spinelib.study.warm.step import ForkedStep, become, begin_own_life

PATIENCE = 10.0  # seconds for a client to say what it wants
LOOKED = 1.0  # seconds, at most, until a signal is answered
ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class WarmServer:
    """Listens for clients, forks their steps, hands signals on and says how the steps ended."""

    def __init__(self, listener: socket.socket, notebooks: list[Path]) -> None:
        self.listener, self.held = listener, WarmLibrary(notebooks)
        self.steps: dict[int, socket.socket] = {}  # by a descriptor of the process
        self.poll = select.poll()
        self.open_to_new = True
        self.mask: set[int] = set()  # the signals that were blocked before
        self._said: set[str] = set()
        self._told = -1  # in a forked process: where it hears that its client knows of it

    def serve(self, driver: int) -> ForkedStep | None:
        """Fork until the descriptor `driver` is closed at its other end, or SIGTERM, and all steps have ended.

        Gives None in the server, at the end, and in every forked process the step that it is to become.
        """
        for descriptor in (driver, self.listener.fileno()):
            self.poll.register(descriptor, select.POLLIN)
        # Else one could come between a fork and what is noted of it
        self.mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, ENDS))
        while self.open_to_new or self.steps:
            for descriptor, _ in self.poll.poll(LOOKED * 1000):
                if descriptor in self.steps:
                    self._tell_end(descriptor)
                elif self.open_to_new and descriptor == driver:
                    self._close(driver)
                elif self.open_to_new and descriptor == self.listener.fileno():
                    step = self._answer()
                    if step is not None:
                        return step
                else:
                    self._hand_on(descriptor)
            self._hear(driver)
            if self.open_to_new and self.held.edited and not self.steps:
                self._begin_anew()
        return None

    def _close(self, driver: int) -> None:
        self.open_to_new = False
        self.poll.unregister(driver)
        self.poll.unregister(self.listener)
        self.listener.close()

    def _hear(self, driver: int) -> None:
        """Where this process was asked to end, ask the steps, and take no more."""
        heard = signal.sigtimedwait(ENDS, 0)
        if heard is not None:
            if self.open_to_new:
                self._close(driver)
            for process in self.steps:
                _send(process, heard.si_signo)

    def _begin_anew(self) -> None:
        """Be a server that has loaded nothing yet; who waits at the listener is answered by it."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
        os.execve(sys.executable, sys.orig_argv, self.held.started_in)

    def _answer(self) -> ForkedStep | None:
        """Fork, or refuse; gives the step in the forked process."""
        try:
            client = self.listener.accept()[0]
        except OSError:
            # No memory or no descriptors: it still waits, and shall not be looked for all the time
            time.sleep(LOOKED)
            return None
        parent = os.getpid()
        step, streams = _asked(client)
        forked = step is not None and self._takes(step) and self._fork(client)
        if os.getpid() != parent:
            self._leave(client, streams)
            begin_own_life(parent)
            if not os.read(self._told, 1):
                # The client takes the step itself, or is gone
                os._exit(1)
            os.close(self._told)
            return replace(step, environment={**self.held.added, **step.environment}) if step else None
        for stream in streams:
            os.close(stream)
        if not forked:
            with suppress(OSError):
                client.sendall(REFUSED)
            client.close()
        return None

    def _takes(self, step: ForkedStep) -> bool:
        """Whether the step is to be forked; a reason why not is said once."""
        reason = self.held.unfit(step)
        if reason and reason not in self._said:
            print(f"a step loads what it needs itself: {reason}", file=sys.stderr, flush=True)
        self._said.add(reason)
        return not reason

    def _fork(self, client: socket.socket) -> bool:
        """Fork a process; whether that could be done. To be told which process this is, by its number."""
        sys.stdout.flush()
        try:
            self._told, telling = os.pipe()
        except OSError:
            return False
        try:
            pid = os.fork()
        except OSError:
            pid = -1
        if not pid:
            os.close(telling)
            return True
        os.close(self._told)
        forked = pid > 0 and self._begin(pid, client, telling)
        os.close(telling)
        return forked

    def _begin(self, pid: int, client: socket.socket, telling: int) -> bool:
        """Let a forked process begin once its client has been told, and no sooner: no step is taken twice."""
        try:
            process = os.pidfd_open(pid)
        except OSError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        self.steps[process] = client
        self.poll.register(process, select.POLLIN)
        self.poll.register(client, select.POLLIN)
        with suppress(OSError):
            client.sendall(STARTED)
            os.write(telling, STARTED)
        return True

    def _leave(self, client: socket.socket, streams: list[int]) -> None:
        """In a forked process: keep nothing of the server but what is loaded."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
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
                _send(process, number)

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


def _send(process: int, number: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, number)


def _asked(client: socket.socket) -> tuple[ForkedStep | None, list[int]]:
    """What a client wants, and its standard streams; None from one that is not ours or says too little."""
    streams: list[int] = []
    client.settimeout(PATIENCE)
    try:
        if not peer_is_ours(client):
            return None, streams
        head, streams, _, _ = socket.recv_fds(client, ENDING.size, len(STREAMS), socket.MSG_WAITALL)
        step = ForkedStep(**json.loads(_received(client, ENDING.unpack(head)[0])))
        if len(streams) != len(STREAMS):
            return None, streams
    except (OSError, ValueError, TypeError, struct.error):
        return None, streams
    client.settimeout(None)
    return step, streams


def _received(client: socket.socket, size: int) -> bytes:
    """So many bytes and none of what follows, which are signals; fewer if the client says no more."""
    text = b""
    while len(text) < size:
        part = client.recv(size - len(text))
        if not part:
            break
        text += part
    return text


def main(words: list[str]) -> NoReturn:
    """Serve until the driver, which holds the other end of the standard input, has ended."""
    server = WarmServer(socket.socket(fileno=int(words[0])), [Path(word) for word in words[1:]])
    step = server.serve(sys.stdin.fileno())
    if step is None:
        # Taking apart what was loaded takes a second, and some of it complains.
        os._exit(0)
    if server.held.has_kernel_for(step):
        # Where nothing more can be forked, the kernel is started as always
        with suppress(OSError):
            sys.modules["spinelib.study.warm.kernel"].provide_spare()
    become(step)


if __name__ == "__main__":
    main(sys.argv[1:])
