"""Start the warm server of a study, for as long as Snakemake is called."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spinelib.study.warm.client import ADDRESS

SERVER = "spinelib.study.warm.server"
# As kernels are started, since it becomes them: pydevd complains of modules that are frozen.
OPTIONS = ["-Xfrozen_modules=off"]
# Of the server, once nothing is asked of it any more; its steps have ended by then.
PATIENCE = 10.0


@contextmanager
def warm_server(notebooks: Iterable[Path], log: Path, profile: str) -> Iterator[dict[str, str]]:
    """Variables by which the steps of jobs find a server that has loaded what the notebooks import.

    None where steps are taken as always: on other systems than Linux, in other profiles than local, and where no
    server can be started. What the server has to say goes to `log`.
    """
    server = None
    if profile == "local" and _ends_are_told():
        with suppress(OSError), socket.socket(socket.AF_UNIX) as listener:
            # Linux chooses a name that is free
            listener.bind("")
            listener.listen(128)
            found = {ADDRESS: listener.getsockname()[1:].decode("ascii")}
            server = _start(listener.fileno(), notebooks, log)
    if server is None:
        yield {}
        return
    try:
        yield found
    finally:
        _end(server)


def _ends_are_told() -> bool:
    """Whether the system tells how a process ended by a descriptor of it: Linux since 5.4, where nothing forbids it."""
    if sys.platform != "linux" or signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        return False
    with suppress(OSError, AttributeError):
        os.close(os.pidfd_open(os.getpid()))
        return True
    return False


def _start(listener: int, notebooks: Iterable[Path], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, *OPTIONS, "-m", SERVER, str(listener), *dict.fromkeys(map(str, notebooks))]
    with log.open("ab") as said:
        # Ctrl-C of a terminal is for the clients, which hand it on.
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True, pass_fds=[listener]
        )


def _end(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
