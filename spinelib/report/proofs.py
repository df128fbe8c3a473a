"""From a row of a board to its proof: the page of its run, its worst case there, its table of every case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from spinelib.core.layout import StudyFolder
from spinelib.report.leaderboard import Line

WORST = re.compile(r'<h[23] id="([^"]*worst[^"]*)"')


def line_proofs(study: StudyFolder, line: Line) -> list[tuple[str, str]]:
    """Words and links, within the study, of what stands behind a line of a board; of several runs the first's.

    A link only to what is there.
    """
    return list(_proofs(study, line))


def _proofs(study: StudyFolder, line: Line) -> Iterator[tuple[str, str]]:
    for name in line.runs[:1]:
        run = study.run(name)
        if run.page.exists():
            page = quote(run.page.relative_to(study.root).as_posix())
            yield ("run" if len(line.runs) < 2 else f"run 1 of {len(line.runs)}"), page
            worst = _worst(run.page, run.page.stat().st_mtime_ns)
            if worst:
                yield "worst case", f"{page}#{worst}"
        if run.cases.exists():
            yield "every case", quote(run.cases.relative_to(study.root).as_posix())


@lru_cache(maxsize=512)
def _worst(page: Path, _changed: int) -> str:
    """The anchor of a page's worst case; '' where it shows none."""
    found = WORST.search(page.read_text(encoding="utf-8"))
    return found[1] if found else ""
