"""What a run ran on: code, packages, hardware, memory. Nothing here imports torch unless the notebook has."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import spinelib
from spinelib.core.files import digest
from spinelib.runs.cells import cells_of

CHECKPOINTS = ".ipynb_checkpoints"
PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
    "torch",
    "torchvision",
    "segmentation-models-pytorch",
    "papermill",
)


@cache
def code() -> dict[str, Any]:
    """Version and hash of the `spinelib` sources in use, and the git commit they lie in ('' without git)."""
    package = Path(spinelib.__file__).parent
    # JupyterLab keeps copies of the files that it opens in hidden folders.
    sources = sorted(path for path in package.rglob("*.py") if CHECKPOINTS not in path.parts)
    names = [str(path.relative_to(package)) for path in sources]
    commit = _git(package, "rev-parse", "--short=12", "HEAD")
    return {
        "spinelib": spinelib.__version__,
        "code": digest(*names, *sources),
        "commit": commit,
        "dirty": bool(commit) and _changed(package),
    }


def _changed(folder: Path) -> bool:
    """Whether a file of the repository around `folder` differs from its commit, outputs of notebooks left out."""
    root = Path(_git(folder, "rev-parse", "--show-toplevel"))
    names = [name for name in _git(root, "diff", "--name-only", "-z", "HEAD").split("\0") if name]
    return any(not (name.endswith(".ipynb") and _same_cells(root, name)) for name in names)


def _same_cells(root: Path, name: str) -> bool:
    """Whether a notebook has the cells of its commit."""
    try:
        return cells_of((root / name).read_text(encoding="utf-8")) == cells_of(_git(root, "show", f"HEAD:{name}"))
    except (OSError, ValueError):
        return False


def provenance(device: str, threads: int) -> dict[str, Any]:
    """What a training is made by, as its record keeps it: code, packages, machine, device and threads."""
    return {**code(), "versions": versions(), "hardware": hardware(), "device": device, "threads": threads}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def versions() -> dict[str, str]:
    """Versions of Python and of the packages whose change can move a number."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """CPU model, cores this process may use, memory in GiB (0 on Windows), operating system, GPU model ('' without)."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": _cpu(),
        "cores": usable,
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "gpu": _torch_cuda("get_device_name", ""),
    }


def _cpu() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor()


def _torch_cuda(name: str, otherwise: Any) -> Any:
    torch = sys.modules.get("torch")
    return getattr(torch.cuda, name)() if torch is not None and torch.cuda.is_available() else otherwise


def peak_memory() -> dict[str, float]:
    """Largest memory so far in MB: of this process, and of torch on the card."""
    return {
        "peak_memory_mb": round(_resident() / 1e6, 1),
        "peak_gpu_memory_mb": round(_torch_cuda("max_memory_allocated", 0) / 1e6, 1),
    }


def _resident() -> int:
    """Peak resident bytes (0 on Windows). Linux hands ru_maxrss down from the parent process; VmHWM is our own."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
