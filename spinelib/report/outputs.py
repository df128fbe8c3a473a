"""What a cell printed, drew or raised, as HTML."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from spinelib.report.code import plain
from spinelib.report.frames import readable_frames
from spinelib.report.markdown import Writer, to_html
from spinelib.report.sanitiser import clean
from spinelib.runs.figures import is_plot, is_saved, shrink

LONG = 30  # lines of printed text above which it is folded
WIDEST = 20000  # CSS pixels
# HTML that says nothing without these: its plain text says more.
HELPLESS = re.compile(
    r"<(script|iframe|object|embed|link)\b|(src|href)\s*=\s*[\"']?(https?:)?//|@import|url\(\s*[\"']?https?:",
    re.IGNORECASE,
)


def render(outputs: Iterable[dict[str, Any]], writer: Writer) -> str:
    """All outputs of one cell, in order, printed text joined."""
    parts: list[str] = []
    printed: dict[str, str] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            name = output.get("name", "stdout")
            printed[name] = printed.get(name, "") + text_of(output.get("text", ""))
            continue
        parts += [_printed(name, text) for name, text in printed.items()]
        printed = {}
        parts.append(_error(output) if output["output_type"] == "error" else _data(output, writer))
    parts += [_printed(name, text) for name, text in printed.items()]
    return "\n".join(part for part in parts if part)


def text_of(value: Any) -> str:
    """Text that notebooks keep as one string or as a list of lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def _printed(name: str, text: str) -> str:
    text = plain(text).strip("\n")
    if not text:
        return ""
    block = f'<pre class="{"warning" if name == "stderr" else "printed"}">{escape(text)}</pre>'
    count = text.count("\n") + 1
    return block if count <= LONG else f"<details><summary>{count} lines printed</summary>{block}</details>"


def _error(output: dict[str, Any]) -> str:
    trace = plain("\n".join(output.get("traceback", [])))
    head = f"{output.get('ename', 'Error')}: {plain(output.get('evalue', ''))}"
    return (
        f'<div class="error" id="error"><p><strong>{escape(head)}</strong></p>'
        f'<pre class="trace">{escape(trace or head)}</pre></div>'
    )


def _data(output: dict[str, Any], writer: Writer) -> str:
    data = {kind: value for kind, value in output.get("data", {}).items() if value}
    facts = output.get("metadata", {})
    if "text/html" in data:
        html = text_of(data["text/html"])
        if not HELPLESS.search(html):
            return f'<div class="scroll">{readable_frames(clean(html))}</div>'
    if "image/svg+xml" in data:
        encoded = base64.b64encode(text_of(data["image/svg+xml"]).encode()).decode()
        return picture(f"data:image/svg+xml;base64,{encoded}", facts.get("image/svg+xml", {}))
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            return picture(_embedded(kind, text_of(data[kind])), facts.get(kind, {}))
    if "text/markdown" in data:
        return to_html(text_of(data["text/markdown"]), writer)
    if "text/latex" in data:
        return to_html(f"$$\n{text_of(data['text/latex']).strip().strip('$')}\n$$", writer)
    return f'<pre class="printed">{escape(text_of(data["text/plain"]))}</pre>' if "text/plain" in data else ""


def _embedded(kind: str, encoded: str) -> str:
    try:
        raw = base64.b64decode(encoded)
        raw = shrink(raw) if kind == "image/png" and not is_saved(raw) else raw
    except (binascii.Error, OSError):
        return ""
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def picture(source: str, facts: dict[str, Any], caption: str = "") -> str:
    """A figure with its caption; `facts` may hold a width in CSS pixels and the caption as ``alt``."""
    caption = caption or str(facts.get("alt", ""))
    wide = facts.get("width")
    width = f' width="{int(wide)}"' if isinstance(wide, (int, float)) and 0 < wide < WIDEST else ""
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    alt = escape(caption or "figure")
    return f'<figure><img src="{escape(source)}" alt="{alt}"{width}{drawn(source)}>{words}</figure>'


def drawn(source: str) -> str:
    """The class of an embedded picture of lines alone, which a dark page turns round; empty for any other."""
    head, _, encoded = source.partition(",")
    try:
        raw = base64.b64decode(encoded) if head == "data:image/png;base64" else b""
    except binascii.Error:
        raw = b""
    return ' class="drawn"' if is_plot(raw) else ""
