"""Code in colour (classes only; the colours are in the stylesheet) and terminal text without its control codes."""

from __future__ import annotations

import re
from html import escape

CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def highlight(code: str, language: str = "python") -> str:
    """`code` as HTML spans; plain text for a language that is not known."""
    from pygments import highlight as colour
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return str(colour(code, lexer, HtmlFormatter(nowrap=True))).rstrip("\n")


def plain(text: str) -> str:
    """Terminal text as it would stand on the screen: no colours, and only the last state of a rewritten line."""
    lines = CONTROL.sub("", text).split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)
