"""A study of one training, one question and one application to films, and how it is started, killed and compared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

REPOSITORY = Path(__file__).parents[2]
NOTEBOOKS = ("20_baseline", "80_apply", "90_compare")
TEXT = """title: Attacked
grid: [64, 32]
data:
  phantom: {dataset: phantom, patients: 6, seed: 3, size: [64, 32], views: [coronal], test_fraction: 0.5}
defaults: {epochs: 1, learning_rate: 0.003, batch: 2, folds: 3}
runs:
  - {notebook: 20_baseline, method: unet, variant: full, width: 0.0625, trained_on: phantom}
questions:
  - 90_compare
  - {notebook: 80_apply, parameters: {films: 2}}
"""
RUN = "phantom-unet-full-w0p0625-s0-f0"
LIMIT = 600  # seconds, on a machine that others keep busy, too; a quiet one needs a tenth


def make(root: Path) -> Path:
    """The study `attacked` in the folder `root`."""
    for name in NOTEBOOKS:
        (root / "notebooks").mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / "notebooks" / f"{name}.ipynb", root / "notebooks")
    (root / "studies").mkdir()
    (root / "studies" / "attacked.yaml").write_text(TEXT, encoding="utf-8")
    return root


def reports(root: Path) -> Path:
    """The study's folder."""
    return root / "reports" / "attacked"


def call(*words: str, name: str = "attacked") -> list[str]:
    """The command that `make study` gives."""
    return [sys.executable, "-m", "spinelib", "study", "run", name, "--cores", "2", *words]


def environment(**changes: str | None) -> dict[str, str]:
    """This process's environment with the library of this checkout; None takes a variable away."""
    found = {**os.environ, "PYTHONPATH": str(REPOSITORY), **changes}
    return {name: value for name, value in found.items() if value is not None}


def bring(root: Path, *words: str, name: str = "attacked", **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run the study to its end."""
    how = {"capture_output": True, "text": True, "check": False, "timeout": LIMIT, "env": environment(**changes)}
    return subprocess.run(call(*words, name=name), cwd=root, **how)


def start(root: Path) -> subprocess.Popen[bytes]:
    """Begin the study in a process of its own."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(call(), cwd=root, env=environment(), start_new_session=True, **quiet)


def kill(process: subprocess.Popen[bytes]) -> None:
    """What a loss of power does: the process and all that it started end at once."""
    try:
        known = psutil.Process(process.pid)
        family = [known, *known.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    for each in family:
        try:
            each.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    process.wait()


def tables(root: Path) -> dict[str, str]:
    """Every table of the study that says what came out, by its path; none holds a time."""
    found = reports(root)
    paths = [found / "cases.csv", found / "summary.csv", *found.glob("data/*/manifest.csv")]
    paths += [*found.glob("runs/*/cases.csv"), *found.glob("questions/90_compare/summary.csv")]
    return {path.relative_to(found).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@contextmanager
def disk(folder: Path, size: str = "64m") -> Iterator[Path]:
    """A disk of this size mounted at `folder`; skips, saying so, where this user may mount none."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, options: str) -> None:
    """Change the size of a mounted disk, or make it read-only."""
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def used(folder: Path) -> int:
    """Bytes in use on the disk at `folder`."""
    return shutil.disk_usage(folder).used


def no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    """What a user sees is said in words."""
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
