"""``python -I -S client.py MODULE WORDS...`` does what ``python -m MODULE WORDS...`` does, sooner where a server is.

It stands for the process that the server forks: that one has its folder, environment, standard streams and signals,
and ends when this one is killed; this one ends as that one does. Standard library alone, since it starts for each step.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from types import FrameType

# Where the server listens: a name of Linux's own, which needs no folder and is gone with the server.
ADDRESS = "SPINELIB_WARM"
STARTED, REFUSED = b"+", b"-"
# As a process ends: its exit status, or minus the number of the signal that ended it.
ENDING = struct.Struct("!i")
FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def main(words: list[str]) -> int:
    """Take the step; gives its exit status. words: the module and its words."""
    address = os.environ.pop(ADDRESS, "")
    if address:
        heard: list[int] = []
        with socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            former = _forward(server, heard)
            if _ask(server, address, words):
                return _end_alike(_ending(server))
        for number, handler in former.items():
            signal.signal(number, handler)
        for number in heard:
            os.kill(os.getpid(), number)
    return _as_always([sys.executable, "-m", *words])


def peer_is_ours(connection: socket.socket) -> bool:
    """Whether the process at the other end is this user's: the names of Linux are open to all."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", found)[1] == os.getuid()


def _ask(server: socket.socket, address: str, words: list[str]) -> bool:
    """Ask the server to take the step; whether it does."""
    server.connect(f"\0{address}")
    if not peer_is_ours(server):
        return False
    asked = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
    text = json.dumps(asked).encode()
    socket.send_fds(server, [ENDING.pack(len(text))], [0, 1, 2])
    server.sendall(text)
    return server.recv(1) == STARTED


def _ending(server: socket.socket) -> int:
    """How the step ended; as if killed where the server was, which ends its steps."""
    with suppress(OSError):
        told = server.recv(ENDING.size, socket.MSG_WAITALL)
        if len(told) == ENDING.size:
            return int(ENDING.unpack(told)[0])
    return -signal.SIGKILL


def _forward(server: socket.socket, heard: list[int]) -> dict[int, signal.Handlers]:
    """Let the step have the signals sent to this process, but for those that it ignores; gives the former handlers."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        with suppress(OSError):
            server.send(bytes([number]))

    numbers = [getattr(signal, name) for name in FORWARDED]
    heeded = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    return {number: signal.signal(number, hand_on) for number in heeded}  # type: ignore[misc]


def _end_alike(ending: int) -> int:
    if ending < 0:
        with suppress(OSError):
            signal.signal(-ending, signal.SIG_DFL)
        os.kill(os.getpid(), -ending)
    return ending if ending >= 0 else 128 - ending


def _as_always(command: list[str]) -> int:
    if sys.platform == "win32":
        # There, exec starts a second process and ends the first.
        import subprocess

        return subprocess.call(command)
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
