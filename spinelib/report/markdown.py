"""Markdown of notebooks as HTML: headings with anchors, formulas as outlines, local pictures embedded."""

from __future__ import annotations

import base64
import mimetypes
import re
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path
from typing import Any

import mistune

from spinelib.report.code import highlight
from spinelib.report.formulas import formula
from spinelib.report.sanitiser import clean


@dataclass(frozen=True)
class Heading:
    """One entry of a table of contents: level 1 to 6, plain text, anchor."""

    level: int
    text: str
    anchor: str


@dataclass
class Writer(mistune.HTMLRenderer):
    """Turns Markdown into HTML and remembers the headings it met."""

    folder: Path = Path()
    attachments: dict[str, Any] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(escape=False)

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """A heading with an anchor; the first of level 1 is the page's title."""
        plain = unescape(re.sub(r"<[^>]+>", "", text))
        anchor = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "part"
        used = [heading.anchor for heading in self.headings]
        anchor = anchor if anchor not in used else f"{anchor}-{len(used)}"
        self.headings.append(Heading(level, plain, anchor))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def block_code(self, code: str, info: str | None = None) -> str:
        """A fenced code block, coloured."""
        language = (info or "").split() or ["text"]
        return f'<pre class="code">{highlight(code, language[0])}</pre>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture beside the notebook or attached to it, embedded; the words alone where there is none."""
        embedded = self._embed(url)
        words = escape(text or title or "")
        return f'<img src="{escape(embedded)}" alt="{words}">' if embedded else f"<em>{words}</em>"

    def _embed(self, url: str) -> str:
        if url.startswith("data:image/"):
            return url
        for kind, data in self.attachments.get(url.removeprefix("attachment:"), {}).items():
            return f"data:{kind};base64,{''.join(data)}"
        path = self.folder / url
        kind = mimetypes.guess_type(path.name)[0] or ""
        if "://" in url or not kind.startswith("image/") or not path.is_file():
            return ""
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"

    def table(self, text: str) -> str:
        """A table in a container of its own, so that a wide one scrolls alone."""
        return f'<div class="scroll"><table>{text}</table></div>\n'

    def inline_math(self, text: str) -> str:
        """A formula in a line of text."""
        return formula(text)

    def block_math(self, text: str) -> str:
        """A formula on a line of its own."""
        return formula(text, block=True)


def to_html(source: str, writer: Writer) -> str:
    """Markdown as HTML, sanitised; its headings are added to `writer`."""
    plugins = ["table", "strikethrough", "footnotes", "task_lists", "math", "url"]
    return clean(str(mistune.create_markdown(renderer=writer, plugins=plugins)(source)))
