"""One writer per folder: a lock that the operating system drops when its owner dies, however it dies."""

from __future__ import annotations

import os
import re
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from spinelib.core.errors import BadInput

# Seconds: `is_held` holds a lock for a moment itself, and must refuse nobody.
GLANCE = 0.3
# Windows lets nobody else read the byte that is locked, the first one.
UNREAD = " "
_held: dict[Path, IO[str]] = {}


def take(path: Path, patience: float = GLANCE) -> None:
    """Hold the lock file `path` until `release` or the end of this process; taking it twice is harmless.

    Waits up to `patience` seconds for another holder. Raises BadInput when the file cannot be made or another
    live process holds it. A file left behind by a dead process is no obstacle.
    """
    path = path.resolve()
    if path in _held:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise _refusal(path, error) from error
    if not _wait(handle, patience):
        handle.seek(len(UNREAD))
        owner = handle.read().strip()
        handle.close()
        who, remedy = _holder(path, owner)
        raise BadInput(path.parent, f"is being written by {who}", remedy)
    try:
        handle.truncate(0)
        handle.write(f"{UNREAD}process {os.getpid()} on {socket.gethostname()}")
        handle.flush()
    except OSError as error:
        # What could not be written would be tried once more.
        with suppress(OSError):
            handle.close()
        raise _refusal(path, error) from error
    _held[path] = handle


def _holder(path: Path, owner: str) -> tuple[str, str]:
    """Who holds a lock, and what can be done; owner: who took it, as its file says.

    That process may have died, and one that it had started hold the lock on (`descriptor`).
    """
    import psutil

    usual = "Wait for it to end, or end it, then try again."
    here = re.fullmatch(rf"process (\d+) on {re.escape(socket.gethostname())}", owner)
    if not here or psutil.pid_exists(int(here[1])):
        return owner or "another process", usual
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if any(Path(file.path) == path for file in process.open_files()):
                left = f"process {process.pid}, which {owner} had started before it ended"
                return left, f"Wait for it to end, or end it (kill {process.pid}), then try again."
    return f"a process that {owner} had started before it ended", usual


def _refusal(path: Path, error: OSError) -> BadInput:
    reason = f"cannot be written ({error.strerror})"
    return BadInput(path.parent, reason, "Free space on the disk or choose a folder you may write to.")


def _wait(handle: IO[str], patience: float) -> bool:
    # Loads asyncio, which a process without a lock does not need.
    from filelock import lock_descriptor

    end, tries = time.monotonic() + patience, 1
    while not lock_descriptor(handle.fileno(), blocking=False):
        # Who has any patience tries twice, however busy the machine is.
        if not patience or (tries > 1 and time.monotonic() >= end):
            return False
        tries += 1
        time.sleep(0.2)
    return True


def release(path: Path) -> None:
    """Let go of a lock that this process holds; does nothing for one it does not hold."""
    handle = _held.pop(path.resolve(), None)
    if handle is not None:
        handle.close()


def descriptor(path: Path) -> int:
    """The file descriptor of a lock this process holds; a child that inherits it holds the lock, too."""
    return _held[path.resolve()].fileno()


def is_held(path: Path) -> bool:
    """Whether a live process, this one included, holds the lock file `path`."""
    if path.resolve() in _held:
        return True
    try:
        with path.open("r+", encoding="utf-8") as handle:
            return not _wait(handle, 0.0)
    except OSError:
        return False
