"""Pages as published: pictures beside them, links that lead somewhere."""

import posixpath
import re

import matplotlib

from spinelib.report.publish.pages import unlink

matplotlib.use("agg")
from tests.report.publish.made import files


def test_a_page_of_foreign_images_says_what_it_does_not_show(published):
    html = (published["f"][0] / "questions/90_q/report.html").read_text()
    assert re.findall(r'<img src="([^"]+)"', html) == ["figures/line.png", "figures/map.png"]
    [gone] = re.findall(r"<figure><p[^>]*>(.*?)</p><figcaption>(.*?)(?: <a .*?</a>)?</figcaption>", html)
    assert gone == ("Not published, like all figures that may show other people's images.", "What&#x27;s overlay.")
    assert "<b>t</b>" in html
    assert "<svg><" not in html
    assert "base64" not in html


def test_everything_shown_and_linked_is_there(published):
    for folder, _ in published.values():
        there = files(folder)
        for page in (name for name in there if name.endswith(".html")):
            html = there[page].decode()
            targets = re.findall(r'(?:src|href)="([^"#]+)"', html)
            inner = [word for word in targets if not word.startswith(("https:", "data:,"))]
            assert all(posixpath.normpath(posixpath.join(posixpath.dirname(page), word)) in there for word in inner)
            assert not re.search(r"data:[a-z]+/", html)
        assert "gone <span" in there["questions/90_q/report.html"].decode()


def test_links_that_lead_nowhere_become_words():
    html = '<a class="x" href="../b.html#part">b</a> <a href="c.html">c</a> <a href="#d">d</a> <a href="mailto:e">e</a>'
    assert unlink(html, "a", {"b.html"}) == html.replace(
        '<a href="c.html">c</a>', 'c <span class="soft small">(not published)</span>'
    )
