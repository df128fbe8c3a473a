"""A place for what a kernel needs on disk: short enough for sockets, and writable where a home folder is not."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput

# Where TMPDIR is too long: a socket's path has some hundred bytes, whatever the disk allows.
SHORT = ("/tmp", "/var/tmp")
# Folders of settings, beneath the home folder unless these name another.
SETTINGS = ("IPYTHONDIR", "MPLCONFIGDIR")
PREFIX = "spine-"


@contextmanager
def kernel_place(local: bool = True) -> Iterator[dict[str, Any]]:
    """Settings of a kernel's manager: its sockets, and the file that names them, in a folder removed at the end.

    Sockets of the file system, in TMPDIR or, where that does not do, in SHORT; TCP ports of this machine where no
    folder does, or without `local`. Folders of settings that cannot be written are moved there, too. Raises BadInput
    where no temporary folder can be written.
    """
    place, sockets = _folder(local)
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(_moved(place))
    try:
        # Beside the sockets: Jupyter's own folder may be missing or read-only
        yield {**({"transport": "ipc", "ip": f"{place}/k"} if sockets else {}), "connection_file": f"{place}/k.json"}
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})
        shutil.rmtree(place, ignore_errors=True)


def _folder(local: bool) -> tuple[Path, bool]:
    """A new folder, and whether sockets can be bound in it."""
    try:
        usual = tempfile.gettempdir()
        for parent in dict.fromkeys((usual, *SHORT)) if local else ():
            if os.access(parent, os.W_OK):
                folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
                if _binds(folder / "k-9"):
                    return folder, True
                shutil.rmtree(folder, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=PREFIX)), False
    except OSError as error:
        reason = f"no temporary folder can be written ({error.strerror or error})"
        raise BadInput("TMPDIR", reason, "Free space there, or set TMPDIR to a folder you may write to.") from error


def _binds(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
            tried.bind(str(path))
        path.unlink()
    except OSError:
        return False
    return True


def _moved(place: Path) -> dict[str, str]:
    """Variables of the environment for those of SETTINGS that cannot be written where they are."""
    home = Path(os.path.expanduser("~"))
    folders = {name: Path(os.environ.get(name) or home) for name in SETTINGS}
    return {name: f"{place}/{name.lower()}" for name, folder in folders.items() if not _writable(folder, home)}


def _writable(folder: Path, home: Path) -> bool:
    try:
        if folder != home:
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
