"""Run the benchmarks named on the command line, or all: ``python -m benchmarks metrics``."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.common import RESULTS, append

PREFIX = "bench_"


def main(words: list[str]) -> int:
    """Run each benchmark's `rows()`, append what it yields to the results; 2 for an unknown name."""
    given = _parser().parse_args(words)
    found = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    known = sorted(name.removeprefix(PREFIX) for name in found if name.startswith(PREFIX))
    unknown = sorted(set(given.names) - set(known))
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in given.names or known:
        for row in import_module(f"benchmarks.{PREFIX}{name}").rows():
            # Row by row: one that fails costs itself, not those before it.
            if not given.dry:
                append([row], given.to)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; none: all")
    parser.add_argument("--dry", action="store_true", help="print only, keep no row: for a machine that is busy")
    parser.add_argument("--to", type=Path, default=RESULTS, help="file that takes the rows")
    return parser


sys.exit(main(sys.argv[1:]))
