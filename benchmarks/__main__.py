"""Run the benchmarks named on the command line, or all: ``python -m benchmarks metrics``; ``--show`` prints results."""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from benchmarks import peers, show
from benchmarks.common import RESULTS, append, commit

PREFIX = "bench_"


def main(words: list[str]) -> int:
    """Run each benchmark and append what it yields to the results; 2 for an unknown name, 1 where one failed."""
    given = _parser().parse_args(words)
    found = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    known = sorted(name.removeprefix(PREFIX) for name in found if name.startswith(PREFIX))
    unknown = sorted(set(given.names) - set(known))
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    if given.show:
        print(show.markdown(show.newest(given.to)))
        return 0
    if peers.missing():
        print(peers.missing(), flush=True)
    commit()  # as it is now, before anything is written
    return max([_run(name, None if given.dry else given.to) for name in given.names or known])


def _run(name: str, path: Path | None) -> int:
    """Run one benchmark, row by row into `path`: what was measured is kept, whatever fails or is interrupted later."""
    start, used = time.perf_counter(), sum(os.times()[:4])
    try:
        for row in import_module(f"benchmarks.{PREFIX}{name}").rows():
            if path is not None:
                append([row], path)
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        seconds = time.perf_counter() - start, sum(os.times()[:4]) - used
        print(f"{name}: {seconds[0]:.0f} s, {seconds[1]:.0f} s of the processor\n", flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; none: all")
    parser.add_argument("--dry", action="store_true", help="print only, keep no row: for a machine that is busy")
    parser.add_argument("--to", type=Path, default=RESULTS, help="file that takes the rows")
    parser.add_argument("--show", action="store_true", help="print the newest row of every name, run nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
