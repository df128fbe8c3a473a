"""Outputs that speak of single films of other people: left out of what is published, with a line that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from spinelib.report.outputs import text_of
from spinelib.report.publish.private import Private
from spinelib.report.publish.tables import CASES

SINGLE = "single-cases"  # tag of the cells of notebooks that show case by case
LEFT = "Left out: nothing is published about single films of other people."
HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.IGNORECASE | re.DOTALL)
WORDS = ("text/html", "text/markdown", "text/latex", "text/plain")
Cells = list[dict[str, Any]]


def hide_single(private: Private, tell: Callable[[], None]) -> Callable[[Cells], Cells]:
    """The cells of a notebook without such outputs; `tell` is called for each. Figures are chosen elsewhere."""

    def hidden(cells: Cells) -> Cells:
        return [
            {**cell, "outputs": list(_outputs(cell, private, tell))} if "outputs" in cell else cell for cell in cells
        ]

    return hidden


def _outputs(cell: dict[str, Any], private: Private, tell: Callable[[], None]) -> Iterator[dict[str, Any]]:
    single = SINGLE in cell.get("metadata", {}).get("tags", [])
    for output in cell["outputs"]:
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            # Its words would be shown instead of a picture that cannot be read
            yield {**output, "data": {kind: value for kind, value in data.items() if kind not in WORDS}}
        elif single or _speaks(output, private):
            tell()
            yield {"output_type": "stream", "name": "stdout", "text": LEFT + "\n"}
        else:
            yield output


def _speaks(output: dict[str, Any], private: Private) -> bool:
    """Whether an output names a film, lists films in a table, or is an error, which may do either."""
    if output["output_type"] == "error":
        return True
    data = output.get("data", {})
    texts = [text_of(output.get("text", "")), *(text_of(data.get(kind, "")) for kind in WORDS)]
    heads = {unescape(re.sub(r"<[^>]+>", "", head)).strip() for head in HEAD.findall(texts[1])}
    return bool(heads & set(CASES)) or any(private.holds(text) for text in texts)
