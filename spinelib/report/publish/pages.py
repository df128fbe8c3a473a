"""Pages as published: pictures in files beside them, links that lead somewhere, nothing embedded."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Callable, Collection
from html import escape, unescape

from spinelib.report.publish.pictures import FOREIGN, UNREADABLE, Gallery, PictureSource

PICTURE = re.compile(
    r"<figure>(?P<tag><img\b[^>]*>)(?:<figcaption>(?P<caption>.*?)</figcaption>)?</figure>|<img\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
ATTRIBUTE = re.compile(r'\b(src|alt|width|class)="([^"]*)"')
EMBEDDED = re.compile(r"data:image/[a-z]+;base64,([A-Za-z0-9+/=\s]+)$")
# Whatever else carries its content with it; `data:,` alone is empty.
CARRIED = re.compile(r"data:[a-z]+/[^\"'\s)<>]*", re.IGNORECASE)
DRAWING = re.compile(r'<svg\b(?![^>]*class="(?:formula|plot)")[^>]*>.*?(?:</svg>|$)', re.IGNORECASE | re.DOTALL)
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]+)(?:#[^"]*)?"[^>]*>(.*?)</a>', re.IGNORECASE | re.DOTALL)

Tell = Callable[[str, str], None]


def publish_page(html: str, source: PictureSource, gallery: Gallery, tell: Tell) -> str:
    """A page's HTML with its pictures as files of the gallery and a note for every one that is not published.

    `tell` is given the reason and the words of each. Nothing that is embedded stays, whatever it is; of a page with
    foreign images no drawing stays either, save formulas and the index's intervals.
    """
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        facts = dict(ATTRIBUTE.findall(found["tag"] or found[0]))
        words = facts.get("alt", "")
        raw = _decoded(facts.get("src", ""))
        path, reason = gallery.place(raw, source, f"shown_{count}") if raw else ("", UNREADABLE)
        if not path:
            tell(reason, f"{source.place}: {unescape(words) or 'a picture'}")
        else:
            reason = ""
        return _shown(_from(source.place, path), facts, found["caption"], reason)

    html = PICTURE.sub(put, html)
    if not source.own:
        html, drawings = DRAWING.subn("", html)
        for _ in range(drawings):
            tell(FOREIGN, f"{source.place}: a drawing")
    return CARRIED.sub("data:,", html)


def _shown(path: str, facts: dict[str, str], caption: str | None, reason: str) -> str:
    words = facts.get("alt", "")
    if caption is None:
        return f'<img src="{path}" alt="{words}">' if path else ""
    more = "".join(f' {name}="{facts[name]}"' for name in ("width", "class") if facts.get(name))
    picture = f'<img src="{path}" alt="{words}"{more}>'
    note = f'<p class="soft small">Not published, like all {escape(reason, quote=False)}.</p>'
    return f"<figure>{picture if path else note}<figcaption>{caption}</figcaption></figure>"


def _from(place: str, path: str) -> str:
    return posixpath.relpath(path, place or ".") if path else ""


def _decoded(carried: str) -> bytes:
    found = EMBEDDED.match(carried)
    try:
        return base64.b64decode(found[1]) if found else b""
    except (binascii.Error, ValueError):
        return b""


def unlink(html: str, place: str, published: Collection[str]) -> str:
    """`html`, a page in the folder `place`, without links to files that are not `published`: their words say so."""

    def link(found: re.Match[str]) -> str:
        target, words = found.groups()
        path = posixpath.normpath(posixpath.join(place, target))
        if re.match(r"[a-z]+:", target) or path in published:
            return found[0]
        return f'{words} <span class="soft small">(not published)</span>'

    return LINK.sub(link, html)
