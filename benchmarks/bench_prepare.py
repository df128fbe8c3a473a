"""Preparing many DICOM films: how many cores are at work, and what a second call still does after the first was killed.

Films are small radiographs with masks in a folder, no two alike. Preparing reads every header, film and mask, and
compares all films for near-duplicates. SPINE_GROWTH is a share of their number, as for `benchmarks.bench_growth`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.bench_reading import write_radiograph
from benchmarks.common import Row, python_path, told
from benchmarks.synthetic import spine
from spinelib.core.layout import FILM_STEPS, IMAGES, MASKS

FILMS, SIZE, CORES = 5000, (400, 200), 2
PREPARE = "import sys; from pathlib import Path; from spinelib.runs.data import prepare_once; "
PREPARE += "prepare_once(Path(sys.argv[1]), {'dataset': 'folder', 'source': sys.argv[2]})"


def rows() -> Iterator[Row]:
    """Yield the cores at work, and the core time of the call after a kill at half beside that of one in peace."""
    count = max(8, round(FILMS * float(os.environ.get("SPINE_GROWTH") or 1)))
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "source"
        lay_out(source, count)
        clock, whole = _timed(_start(Path(place) / "whole", source))
        cores = whole / clock
        print(f"{count} DICOM films: {clock:.0f} s by the clock, {whole:.0f} s of the processor", flush=True)
        yield told(f"preparing {count} DICOM films, cores at work", cores, CORES, cores / CORES, "cores")
        target = Path(place) / "killed"
        killed_at = _killed(_start(target, source), target, count // 2)
        _, rest = _timed(_start(target, source))
    title = f"preparing {count} DICOM films again, killed when {killed_at} were read, against a call in peace"
    yield told(title, rest, whole, whole / rest, "s of the processor")


def lay_out(source: Path, count: int) -> None:
    """Write the films and masks, as `benchmarks.bench_growth` draws them but as radiographs' files."""
    for name in (IMAGES, MASKS):
        (source / name).mkdir(parents=True)
    for number in range(count):
        random = np.random.default_rng(number)
        mask = spine(*SIZE, float(random.uniform(-20, 20)))
        coarse = random.integers(0, 2000, (SIZE[0] // 10, SIZE[1] // 10))
        greys = np.kron(coarse, np.ones((10, 10))) + 1500.0 * mask + random.integers(0, 90, SIZE)
        write_radiograph(greys.astype(np.uint16), source / IMAGES / f"f{number:05d}.dcm")
        Image.fromarray((mask * 255).astype(np.uint8)).save(source / MASKS / f"f{number:05d}.png")


def _start(target: Path, source: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": python_path()}
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", PREPARE, str(target), str(source)], env=environment)


def _timed(call: subprocess.Popen[bytes]) -> tuple[float, float]:
    """Seconds by the clock and of the processor until a call has ended. Raises RuntimeError where it fails."""
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    if call.wait():
        raise RuntimeError("preparing failed")
    spent, now = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def _killed(call: subprocess.Popen[bytes], target: Path, wanted: int) -> int:
    """Kill a call once it has kept `wanted` films; gives how many it had."""
    while call.poll() is None:
        kept = sum(len(path.read_bytes().splitlines()) - 1 for path in target.rglob(FILM_STEPS))
        if kept >= wanted:
            call.kill()
            call.wait()
            return kept
        time.sleep(0.05)
    raise RuntimeError("ended before it could be killed")
