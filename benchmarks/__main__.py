"""Run the benchmarks named on the command line, or all: ``python -m benchmarks metrics``."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.common import append


def main(names: list[str]) -> int:
    """Run each benchmark's `rows()`, append what it yields to the results; 2 for an unknown name."""
    found = {m.name.removeprefix("bench_") for m in pkgutil.iter_modules([str(Path(__file__).parent)])}
    known = sorted(found - {"common", "__main__"})
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        append(import_module(f"benchmarks.bench_{name}").rows())
    return 0


sys.exit(main(sys.argv[1:]))
