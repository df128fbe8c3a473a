"""Draws `docs/storeys.svg`: the rooms of spinelib on the storeys that their imports give them.

Run by `make docs`, or alone: `.venv/bin/python docs/storeys.py`. The same imports give the same bytes.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from html import escape
from pathlib import Path
from textwrap import wrap

import grimp

from spinelib import ROOMS
from spinelib.core.files import write_text

FILE = Path(__file__).with_name("storeys.svg")
WIDE, HIGH, GAP, STEP, LEFT, TOP = 200, 92, 16, 138, 44, 34
# Boxes carry their own ground and lines are a middle grey, so that the picture reads on white and on black.
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.name{font-weight:600;font-size:14px;fill:#123}"
    ".floor{fill:#888;font-size:13px}rect{fill:#e8f0f8;stroke:#6a8caf}path{fill:none;stroke:#888;stroke-width:1.2}"
)

Doors = dict[str, set[str]]


def doors() -> Doors:
    """Rooms that each room imports from, at the top of a file, within a function, or for types."""
    graph = grimp.build_graph("spinelib", cache_dir=None)
    found: Doors = {name: set() for name in ROOMS}
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            ours, theirs = ([*name.split("."), ""][1] for name in (module, other))
            if ours in found and theirs in found and ours != theirs:
                found[ours].add(theirs)
    return found


def floors(found: Doors) -> dict[str, int]:
    """The storey of each room: one above the highest that it imports from. Raises CycleError for a circle."""
    floor: dict[str, int] = {}
    for name in TopologicalSorter({name: sorted(others) for name, others in found.items()}).static_order():
        floor[name] = 1 + max((floor[other] for other in found[name]), default=0)
    return floor


def direct(found: Doors) -> list[tuple[str, str]]:
    """The imports that are not also reached by way of another room, as (importing, imported), in order of rooms."""

    def below(name: str) -> set[str]:
        return set().union(*({other} | below(other) for other in found[name]))

    order = list(ROOMS)
    kept = ((name, other) for name in order for other in found[name] if not any(other in below(o) for o in found[name]))
    return sorted(kept, key=lambda pair: [order.index(name) for name in pair])


def drawing() -> str:
    """The picture as SVG: ground floor at the bottom, a line from each room to those it stands on."""
    found = doors()
    floor = floors(found)
    storeys = [[name for name in ROOMS if floor[name] == k] for k in range(1, max(floor.values()) + 1)]
    width = LEFT + max(map(len, storeys)) * (WIDE + GAP)
    height = TOP + len(storeys) * STEP - (STEP - HIGH) + GAP
    corner = {
        name: (LEFT + (width - LEFT - len(row) * (WIDE + GAP)) // 2 + k * (WIDE + GAP), height - GAP - HIGH - n * STEP)
        for n, row in enumerate(storeys)
        for k, name in enumerate(row)
    }
    lines = [_line(corner[one], corner[other]) for one, other in direct(found)]
    boxes = [part for name, (x, y) in corner.items() for part in _box(name, x, y)]
    numbers = [
        f'<text class="floor" x="8" y="{height - GAP - HIGH // 2 - n * STEP}">{n + 1}</text>'
        for n in range(len(storeys))
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
    title = "<title>The rooms of spinelib in storeys; a line leads down to a room that is imported from</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *lines, *numbers, *boxes, "</svg>", ""])


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A curve from the foot of one box to the head of another below it."""
    (x, y), (u, v) = (start[0] + WIDE // 2, start[1] + HIGH), (end[0] + WIDE // 2, end[1])
    middle = (y + v) // 2
    return f'<path d="M{x} {y}C{x} {middle} {u} {middle} {u} {v}"/>'


def _box(name: str, x: int, y: int) -> list[str]:
    words = wrap(ROOMS[name], 31)
    lines = [f'<text x="{x + 8}" y="{y + 36 + 15 * k}">{escape(line)}</text>' for k, line in enumerate(words)]
    title = f'<text class="name" x="{x + 8}" y="{y + 19}">{name}</text>'
    return [f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="6"/>', title, *lines]


if __name__ == "__main__":
    write_text(FILE, drawing())
