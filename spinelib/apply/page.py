"""The page of overlays: every film as it lies in the folder, with its angles by region, its status and its network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spinelib.apply.gate.record import DOUBTFUL, OK
from spinelib.apply.picture import CURVES, write_results_page
from spinelib.apply.table import CURVE_COLUMNS, REGION_COLUMNS, RESULTS, SHOWN, Row

PAGE, THUMBNAILS = "overlays.html", "overlays"
# Thumbnails on the page; the others lie in their folder.
MOST = 300
NOT_MEDICAL = "Not a medical device: a network's outlines and angles need a reader's eye."
SIDES = "Left and right are those of the picture. Lines run through the end vertebrae of each curve, in its colour."
BY = {"header": "chosen by the header", "picture": "chosen by the picture", "volume": "as a volume", "asked": ""}


def write_overlays(out: Path, title: str, films: Sequence[tuple[str, Row]]) -> None:
    """Write the page of the results in the folder `out`; films: name of the results' files, and the row, of each."""
    shown = [_shown(stem, row) for stem, row in films[:MOST]]
    facts = [_counts(films), NOT_MEDICAL, *([SIDES] if any(film["curves"] for film in shown) else [])]
    facts += [f"The first {MOST} are shown; all are in {RESULTS} and {THUMBNAILS}/."] if len(films) > MOST else []
    write_results_page(out / PAGE, f"Read by {title}", facts, shown, out / THUMBNAILS)


def _counts(films: Sequence[tuple[str, Row]]) -> str:
    made = Counter(str(row.get("network", "")) for _, row in films if row["status"] in (OK, DOUBTFUL))
    by = ", ".join(f"{count} by {name}" for name, count in sorted(made.items()))
    return f"{sum(made.values())} of {len(films)} outlined{f': {by}' if len(made) > 1 else ''}."


def _shown(stem: str, row: Row) -> dict[str, Any]:
    """What the page shows of a row."""
    why = BY.get(str(row.get("chosen_by", "")), "")
    network = " ".join(word for word in (str(row.get("network", "")), f"({why})" if why else "") if word)
    thumbnail = f"{stem}.jpg" if row["status"] in SHOWN else ""
    texts = {"words": _words(row), "network": network, "thumbnail": thumbnail, "remark": str(row.get("remark") or "")}
    return row | texts | {"curves": _curves(row)}


def _curves(row: Row) -> list[dict[str, str]]:
    """Each curve of a row: its colour, its region, its angle, and where it lies."""
    found = []
    for short, region in REGION_COLUMNS.items():
        angle, upper, lower, apex, side = (row.get(f"{short}_{what}", "") for what in CURVE_COLUMNS)
        if angle not in (None, ""):
            where = f"{upper} to {lower}, apex {apex}" + (f", to the {side}" if side in ("left", "right") else "")
            text = f"{float(angle):.1f}\N{DEGREE SIGN}"
            found.append({"colour": CURVES[region], "region": region, "angle": text, "where": where})
    return found


def _words(row: Row) -> str:
    """What stands below a thumbnail besides the curves."""
    if row.get("an1") not in (None, ""):
        words = f"Cobb {float(row['an1']):.1f}, {float(row['an2']):.1f}, {float(row['an3']):.1f}\N{DEGREE SIGN}"
        return f"{words}; confidence {float(row['confidence']):.2f}; {row['cobb_reason'] or row['cobb_status']}"
    if row.get("cobb_status"):
        return f"no angle: {row['cobb_reason'] or row['cobb_status']}"
    names = [name for name in str(row.get("structures") or "").split(";") if name]
    words = f"{', '.join(names[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''}" if names else ""
    return f"{words}; confidence {float(row['confidence']):.2f}" if row.get("confidence") not in (None, "") else words
