"""Keep what `make gpu` found: its rows join the table of all benchmarks, its machine gets a file of its own.

``python -m benchmarks.card.publish [FOLDER]``. A second call changes nothing.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import fields
from pathlib import Path

import benchmarks.common as common
from benchmarks.card.__main__ import FOLDER
from benchmarks.card.needs import read_machine, slug
from benchmarks.card.parts import OUTCOMES, RESULTS
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text

CARDS = Path(__file__).parents[1] / "cards"
HEADER = [field.name for field in fields(common.Row)]


def merge(folder: Path, results: Path, cards: Path) -> tuple[int, Path]:
    """Add a folder's rows to the table `results`, its machine and parts to the folder `cards`; gives count and file.

    Raises BadInput for a dry run, for rows of another machine than the folder names, and where there is no row.
    """
    machine = read_machine(folder)
    if machine["dry"]:
        raise BadInput(folder, "is a dry run", "Run 'make gpu' on a machine with a card.")
    found, card = _table(folder / RESULTS), machine["card"]["name"]
    other = {row["where"] for row in found} - {card}
    if other or not found:
        reason = f"holds rows of {', '.join(sorted(other))}, not of {card}" if other else "holds no row"
        raise BadInput(folder / RESULTS, reason, "Run 'make gpu' again.")
    common.append([], results)  # a table with fewer columns gets the further ones
    known = {tuple(row.values()) for row in _table(results)}
    new = [row for row in found if tuple(row.values()) not in known]
    common.write_rows(results, "a", (row.values() for row in new))
    path = cards / f"{slug(card)}.json"
    write_text(path, json.dumps({**machine, "parts": _table(folder / OUTCOMES)}, indent=1) + "\n")
    return len(new), path


def _table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(words: list[str]) -> int:
    """Merge the folder named, or that of `make gpu`; 2 where it cannot be merged."""
    try:
        count, path = merge(Path(words[0]) if words else FOLDER, common.RESULTS, CARDS)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{count} rows added to {common.RESULTS.name}; the machine: {path.name}. Next: make results")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
