"""The mark on every page of a recomputed publication: what was judged anew, what stands as it was made, and why."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from html import escape

from spinelib.core.layout import INDEX, RECOMPUTED
from spinelib.report.results.recomputed import NO_INFERENCE

MARK_BEGINS = '<div class="alert" id="recomputed">'
HEAD = "<strong>Published by earlier code.</strong>"
OLD_MARK = re.compile(MARK_BEGINS + r".*?</div>\n", re.DOTALL)
CRUMBS = re.compile(r'<p class="crumbs">.*?</p>\n', re.DOTALL)
JUDGING = (
    "What it says of differences between methods (pays, hurts, better, worse, agrees, disagrees, survives Holm, "
    "overlaps) rests on one training a side: it is true of these trainings and of no method."
)


def page_mark(place: str, made: str, why: str, anew: Sequence[str]) -> str:
    """The mark of the page at `place` as HTML; made: by which code; why: what it needs to be made again.

    anew: its figures, and the tables beside it, that were judged or computed anew.
    """
    words = [f"This page stands as it was made ({made}); it {why}."]
    words += [JUDGING] if why != NO_INFERENCE else []
    words += [f"By the rules of today: {', '.join(anew)}."] if anew else []
    up = posixpath.relpath(INDEX, posixpath.dirname(place))
    link = f'What holds today: <a href="{up}">the index</a>. <a href="{up}#words">Words used here</a>.'
    return f"{MARK_BEGINS}<p>{HEAD} {escape(' '.join(words), quote=False)} {link}</p></div>\n"


def index_mark(sentences: Sequence[str]) -> str:
    """The mark of the index as HTML, a sentence a line."""
    lines = "\n".join(f"<li>{escape(line)}</li>" for line in sentences)
    every = f'Every table and page: <a href="{RECOMPUTED}">{RECOMPUTED}</a>.'
    told = f"<details><summary>What that means for the numbers</summary>\n<ul>\n{lines}\n</ul></details>"
    return f"{MARK_BEGINS}<p>{HEAD} {every}</p>\n{told}</div>\n"


def marked(html: str, mark: str) -> str:
    """The page with `mark` below its first line, in place of an earlier one. Raises ValueError for another page."""
    html = OLD_MARK.sub("", html)
    found = CRUMBS.search(html)
    if not found:
        raise ValueError("the page has no line of crumbs")
    return html[: found.end()] + mark + html[found.end() :]
