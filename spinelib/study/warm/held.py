"""What a server holds loaded, and whether a step finds there what it would load and inherit in a process of its own."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import sysconfig
import threading
from collections.abc import Mapping
from pathlib import Path

from spinelib.study.warm.client import inherited
from spinelib.study.warm.loading import OURS, imported, leads_to, load_those_of_ours, noting_imports
from spinelib.study.warm.step import ForkedStep

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
READ_AT_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_", "LANG", "LC_")
CACHE = "__pycache__"


class WarmLibrary:
    """Loaded once, in the environment of the first step: OpenMP and others read theirs when they are loaded.

    added: variables that libraries set while they were loaded. edited: whether a file is no longer what is loaded.
    """

    def __init__(self, notebooks: list[Path]) -> None:
        self.notebooks, self.inherited, self.files = notebooks, inherited(), library_files()
        self.started_in = dict(os.environ)
        self.environment: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.imports: dict[str, set[str]] = {}
        self.edited = False
        self._flaw = ""

    def unfit(self, step: ForkedStep) -> str:
        """Why the step would find here anything else than alone; '' if it would not. Loads when first asked."""
        apart = step.inherited != self.inherited and "limits, rights or priority of the step are others"
        apart = apart or _differ(step.environment, self.started_in, READ_AT_START)
        if apart:
            return apart
        if not self.environment:
            self._load(step.environment)
        self.edited = library_files() != self.files
        if self.edited:
            return "a file of the library was edited, or a package installed"
        if threading.active_count() > 1 or len(os.listdir("/proc/self/task")) > 1:
            return "the server has threads, which a fork loses"
        return self._flaw or _differ(step.environment, self.environment, ("",))

    def has_kernel_for(self, step: ForkedStep) -> bool:
        """Whether the step runs a notebook whose run, as it begins, finds torch loaded, which it asks."""
        if step.module != "papermill" or len(step.words) < 2:
            return False
        return leads_to(imported(Path(step.folder) / step.words[1]), "torch", self.imports)

    def _load(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        os.environ.clear()
        os.environ.update(environment)
        before = inherited(), os.listdir("/proc/self/fd")
        gc.disable()
        with noting_imports() as self.imports:
            for name in FOR_ALL:
                importlib.import_module(name)
            load_those_of_ours(name for path in self.notebooks for name in imported(path))
        # Nothing of it is ever freed, and no fork is to copy it for the sake of being looked at
        gc.freeze()
        self.added = {name: value for name, value in os.environ.items() if name not in environment}
        # A card, a connection or a file, opened by one process, is not for its forks
        if (inherited(), os.listdir("/proc/self/fd")) != before:
            self._flaw = "what is loaded opened a file or a card, or changed limits"
        elif not os.path.samefile(found_from_elsewhere() or os.devnull, str(sys.modules[OURS].__file__)):
            self._flaw = f"kernels, which run in another folder, load another {OURS}"


def library_files() -> dict[str, tuple[int, int]]:
    """When each file of this library was changed last, in nanoseconds, and its bytes; also, when packages came or went.

    What is edited is not what is loaded.
    """
    walked = os.walk(Path(__file__).parents[2])
    found = [os.path.join(folder, name) for folder, _, names in walked if not folder.endswith(CACHE) for name in names]
    return {path: _changed(path) for path in (*found, sysconfig.get_paths()["purelib"])}


def _changed(path: str) -> tuple[int, int]:
    try:
        facts = os.stat(path)
    except OSError:
        # Gone while it was looked for
        return 0, 0
    return facts.st_mtime_ns, 0 if os.path.isdir(path) else facts.st_size


def found_from_elsewhere() -> str:
    """The file of this library that a process started in another folder would load; '' if none."""
    former = sys.path[:]
    sys.path[:] = former if sys.flags.safe_path else former[1:]
    try:
        specs = (finder.find_spec(OURS, None) for finder in sys.meta_path if hasattr(finder, "find_spec"))
        return next((str(spec.origin) for spec in specs if spec and spec.origin), "")
    finally:
        sys.path[:] = former


def _differ(one: Mapping[str, str], other: Mapping[str, str], beginnings: tuple[str, ...]) -> str:
    """Name a variable with one of the beginnings that is not alike in both; '' if all are."""
    names = sorted(name for name in one.keys() | other.keys() if name.startswith(beginnings) and name not in CHANGING)
    apart = [name for name in names if one.get(name) != other.get(name)]
    return f"its variable {apart[0]} is another" if apart else ""
