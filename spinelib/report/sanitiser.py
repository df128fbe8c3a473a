"""HTML that others wrote, made safe for a page: what is on the list stays, all else goes (nh3)."""

from __future__ import annotations

import re
from functools import cache

import nh3


def _set(words: str) -> set[str]:
    return set(words.split())


PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
LINK = re.compile(r"(?:https?:|mailto:|#)\S*|(?![/\\])[^\\:\x00-\x20]*", re.IGNORECASE)
SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"}
# MathML as notebooks print it.
MATHS = _set("math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover")
MATHS |= {"mtable", "mtr", "mtd"}
WORDS = _set("a abbr b bdi blockquote br cite code dd del details div dl dt em figcaption figure hr i img input")
WORDS |= _set("ins kbd li mark ol p pre progress q s samp section small span strong sub summary sup u ul var")
HEADINGS = {f"h{level}" for level in range(1, 7)}
TABLES = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
# With what is in them; of other unknown elements the words stay.
GONE = _set("script style iframe object embed applet noscript template frameset textarea select title")
PLACE = _set("x y x1 x2 y1 y2 cx cy r rx ry width height points d viewBox transform")
PEN = {"fill", "stroke", "stroke-width", "opacity", "font-size", "text-anchor"}
ATTRIBUTES = {
    "*": {"class", "style", "title", "lang", "dir", "role", "aria-label"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "input": {"checked"},
    "details": {"open"},
    "math": {"display"},
    "ol": {"start"},
    "progress": {"value", "max"},
    "table": {"border"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    **{name: {"id"} for name in (*HEADINGS, "li", "section", "sup")},
    **dict.fromkeys(SHAPES, PLACE | PEN),
}
STYLE = {"width", "height", "vertical-align", "text-align", "color", "background-color", "font-weight", "font-style"}


def clean(html: str) -> str:
    """`html` without anything that runs, moves the reader, sends or fetches: tags, attributes and URLs by a list.

    Left are words, tables, plain drawings and formulas, pictures that are embedded (``data:``), and links to the web,
    by mail and to files beside. What is opened in the fragment is closed in it.
    """
    return str(_cleaner().clean(html))


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=SHAPES | MATHS | WORDS | HEADINGS | TABLES,
        clean_content_tags=GONE,
        attributes=ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        filter_style_properties=STYLE,
        # The boxes of a list of tasks; nothing to write into.
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
        link_rel=None,
    )


SAID = ("title", "alt", "aria-label")


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if PICTURE.fullmatch(value) else None
    if attribute == "href":
        return value if LINK.fullmatch(value) else None
    # A style loses all but the properties of the list, none of which fetches.
    # CSS in an attribute may write "url(" with escapes; words in one may hold a backslash.
    escaped = "\\" in value and attribute not in SAID
    return value if attribute == "style" or not (escaped or "url(" in value.lower()) else None
