"""What of other people's HTML may stand on a page, and what is taken out."""

import base64
import re
from html.parser import HTMLParser

import pytest

from spinelib.report.formulas import formula
from spinelib.report.sanitiser import clean
from tests.report.hostile import STRINGS

PIXEL = base64.b64encode(b"no real picture").decode()
TABLE = (
    '<table border="1" class="dataframe"><thead><tr style="text-align:right"><th></th><th>a</th></tr></thead>'
    '<tbody><tr><th>0</th><td colspan="2">1</td></tr></tbody></table>'
)


@pytest.mark.parametrize(
    "html",
    [
        TABLE,
        f'<img src="data:image/png;base64,{PIXEL}" alt="a" width="3">',
        f'<img src="data:image/svg+xml;base64,{PIXEL}" alt="a">',
        '<a href="https://example.org/a?b=c#d">x</a><a href="mailto:a@b.c">x</a><a href="#part">x</a>',
        '<a href="../../index.html">x</a><a href="a/b%20c.ipynb#part">x</a>',
        '<h2 id="loss">Loss</h2><p>A <em>b</em> <strong>c</strong> <code>d</code><sup>2</sup></p>',
        '<progress value="1" max="3" style="width:20em"></progress>',
        '<math display="block"><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math>',
        '<svg viewBox="0 0 9 9" class="plot"><circle cx="1" cy="2" r="3" fill="red"></circle></svg>',
        "<details><summary>more</summary><pre>words</pre></details>",
    ],
)
def test_words_tables_drawings_and_embedded_pictures_stay(html):
    assert clean(html) == html


def test_formulas_stay_as_they_were_drawn():
    drawn = formula(r"\frac{a}{b}", block=True)
    assert clean(drawn).replace("></path>", "/>") == drawn


class Elements(HTMLParser):
    """Tags and attributes that a fragment has."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes


@pytest.mark.parametrize("html", STRINGS)
def test_nothing_is_left_that_runs_moves_sends_or_fetches(html):
    left = Elements(clean(html))
    tags = "a b details div em h1 img input math mtext p rect svg table tbody td text tr"
    attributes = "alt class disabled height href open src style title type width"
    assert left.tags <= set(tags.split())
    assert {name for name, _ in left.attributes} <= set(attributes.split())
    for name, value in left.attributes:
        if name in ("href", "src", "style"):
            assert not re.search(r"script:|//|url", value, re.IGNORECASE)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:1",
            " javascript:1",
            "JaVa\tScRiPt:1",
            "vbscript:1",
            "data:text/html,x",
            "data:image/png;base64,AA==",
        ),
        *("file:///etc/passwd", "//example.org/x", "\\\\host\\share", "/etc/passwd", "blob:x", "ftp://example.org"),
    ],
)
def test_links_lead_to_the_web_or_to_files_beside(url):
    assert clean(f'<a href="{url}">x</a>') == "<a>x</a>"


@pytest.mark.parametrize(
    "url", ["a.png", "//e.org/a.png", "https://e.org/a.png", "data:text/html;base64,AA==", "data:,"]
)
def test_pictures_are_embedded_or_gone(url):
    assert clean(f'<img alt="x" src="{url}">') == '<img alt="x">'


def test_style_keeps_what_moves_and_covers_nothing():
    style = "position:fixed;top:0;width:9em;background:url(x);color:red;z-index:9;text-align:right"
    assert clean(f'<p style="{style}">x</p>') == '<p style="width:9em;color:red;text-align:right">x</p>'


def test_what_is_opened_is_closed_and_what_asks_is_a_mark():
    assert clean("<div><b>x") == "<div><b>x</b></div>"
    assert clean("</div></section>x") == "x"
    asked = clean('<form action="x"><input type="password" name="p" checked></form>')
    assert asked.startswith("<input ")
    assert 'type="checkbox"' in asked
    assert "disabled" in asked
    assert "name" not in asked


@pytest.mark.parametrize("value", [r"\75rl(//evil/x.svg#a)", r"u\72l(//evil/b#c)", "URL(//evil/c)"])
def test_addresses_written_with_escapes_are_no_colours(value):
    assert "evil" not in clean(f'<svg><rect fill="{value}" stroke="{value}"/></svg>')


def test_a_backslash_in_words_stays():
    assert r"C:\films" in clean(r'<img alt="C:\films" src="data:image/png;base64,AAAA">')
