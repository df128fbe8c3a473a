"""Code in colour, and terminal text as it stands on a screen."""

import re
from html import unescape

from spinelib.report.code import highlight, plain


def test_colours_change_no_letter_of_the_code():
    code = 'def f(a: int) -> str:\n    """<b>&"""\n    return f"{a}"  # why\n\nx = 1 < 2'
    html = highlight(code)
    assert unescape(re.sub(r"<[^>]+>", "", html)) == code
    assert re.search(r'<span class="k">def</span>', html)
    assert "style=" not in html


def test_code_of_an_unknown_language_is_plain_text():
    assert highlight("a < b & c", "klingon") == "a &lt; b &amp; c"


def test_a_line_that_was_written_over_shows_its_last_state_without_colours():
    assert plain("\x1b[1;31mred\x1b[0m\n10 %\r50 %\r100 %\nend\r") == "red\n100 %\nend"
    assert plain("\x1b[2Knothing [else] happens") == "nothing [else] happens"
