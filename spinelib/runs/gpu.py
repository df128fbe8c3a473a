"""Which graphics cards there are, and a lease of one card per run on a machine without a scheduler."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.runs import lock

SCHEDULERS = ("SLURM_JOB_ID", "KUBERNETES_SERVICE_HOST")


def cards() -> list[str]:
    """Names that CUDA_VISIBLE_DEVICES takes, one per card this process may use; empty without a card.

    Asks the environment, then `nvidia-smi`; torch is not imported, so the answer is quick.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name.strip() for name in visible.split(",") if name.strip() not in ("", "-1")]
    if not shutil.which("nvidia-smi"):
        return []
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False).stdout
    return [str(index) for index, line in enumerate(x for x in listing.splitlines() if x.startswith("GPU "))]


def card_bytes() -> int:
    """Memory of the smallest card this process may use, in bytes: any run may get that one; 0 where none is known."""
    names = cards()
    if not names or not shutil.which("nvidia-smi"):
        return 0
    asked = ["nvidia-smi", "-i", ",".join(names), "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    listing = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return min((int(line) * 2**20 for line in listing.split() if line.isdecimal()), default=0)


@contextmanager
def lease(wanted: bool, folder: Path | None = None, pause: float = 1.0) -> Iterator[str]:
    """Hold one free card for the block and show CUDA only that one; gives its name, or '' without a card.

    Waits while all are leased (lock files in `folder`, by default per user in the temporary folder). Does
    nothing when `wanted` is false or a cluster scheduler has already chosen the card.
    """
    names = cards()
    if not wanted or not names or any(key in os.environ for key in SCHEDULERS):
        yield ""
        return
    folder = folder or Path(tempfile.gettempdir()) / f"spinelib-cards-{_user()}"
    before = os.environ.get("CUDA_VISIBLE_DEVICES")
    name = _first_free(names, folder, pause)
    os.environ["CUDA_VISIBLE_DEVICES"] = name
    try:
        yield name
    finally:
        if before is None:
            del os.environ["CUDA_VISIBLE_DEVICES"]
        else:
            os.environ["CUDA_VISIBLE_DEVICES"] = before
        lock.release(folder / name)


def _user() -> str:
    # Windows has names alone.
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()


def _first_free(names: list[str], folder: Path, pause: float) -> str:
    while True:
        for name in names:
            try:
                lock.take(folder / name)
                return name
            except BadInput:
                if not os.access(folder, os.W_OK):
                    raise
        time.sleep(pause)
