"""Run every part that needs a graphics card, within ten minutes, into one small folder: ``python -m benchmarks.card``.

``--dry`` goes through all parts on a processor, with networks as small as can be and those of the card without memory
(torch's `meta` device): what passes it needs nothing else than a card. Nobody publishes its rows.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from benchmarks.card import needs
from benchmarks.card.parts import HOME, PARTS, PATIENCE, SHAPES, Outcome, environment, run_part, slower, write_outcomes
from spinelib.core.errors import BadInput

FOLDER, MINUTES = HOME / "reports" / "gpu", 9.5


def main(words: list[str]) -> int:
    """Run the parts; 0 where all finished, 1 where one did not, 2 without a card."""
    given = _parser().parse_args(words)
    try:
        needs.check_packages()
        machine = needs.dry_machine() if given.dry else needs.card_machine()
        into: Path = given.to.resolve()
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
    except (BadInput, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    needs.write_machine(machine, into)
    found = run_parts(into, given.dry, 60 * given.minutes)
    print(f"{sum(outcome.good for outcome in found)} of {len(found)} parts finished; all of it: {into}")
    return 0 if all(outcome.good for outcome in found) else 1


def run_parts(into: Path, dry: bool, seconds: float) -> list[Outcome]:
    """Run one part after the other within `seconds`, each within its own limit; what each left is kept as it ends.

    A dry run looks at the shapes first and has PATIENCE times as long.
    """
    seconds *= PATIENCE if dry else 1
    end, found = time.monotonic() + seconds, list[Outcome]()
    for part in [slower(part) for part in (SHAPES, *PARTS)] if dry else PARTS:
        found.append(run_part(part, into, environment(into, dry), end - time.monotonic()))
        write_outcomes(found, into)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.card", description=__doc__)
    parser.add_argument("--dry", action="store_true", help="rehearse every part on the processor")
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder of what is found; emptied first")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for all parts together")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
