"""Markdown of notebooks as HTML: anchors, embedded pictures, and nothing that runs or comes from elsewhere."""

import base64
import re

import pytest

from spinelib.report.markdown import Heading, Writer, to_html

PIXEL = base64.b64encode(b"no real picture").decode()


def test_headings_have_anchors_of_their_own():
    writer = Writer()
    html = to_html("# What *is* it?\n\n## Loss\n\n## Loss\n\n### \N{GREEK SMALL LETTER ALPHA}", writer)
    assert writer.headings == [
        Heading(1, "What is it?", "what-is-it"),
        Heading(2, "Loss", "loss"),
        Heading(2, "Loss", "loss-2"),
        Heading(3, "\N{GREEK SMALL LETTER ALPHA}", "part"),
    ]
    assert '<h2 id="loss-2">Loss</h2>' in html


def test_pictures_beside_the_notebook_and_attached_ones_are_embedded(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no real picture")
    (tmp_path / "secret.txt").write_text("words")
    attached = Writer(tmp_path, {"b.png": {"image/png": [PIXEL]}})
    for source in (
        "![A <film>](a.png)",
        "![A <film>](attachment:b.png)",
        f"![A <film>](data:image/png;base64,{PIXEL})",
    ):
        assert f'<img src="data:image/png;base64,{PIXEL}" alt="A &lt;film&gt;">' in to_html(source, attached)
    for url in ("https://example.org/a.png", "missing.png", "secret.txt"):
        assert "<em>words</em>" in to_html(f"![words]({url})", attached)


def test_tables_scroll_alone_and_formulas_are_outlines():
    html = to_html("| a | b |\n|---|---|\n| 1 | 2 |\n\nWith $x^2$ inside.\n\n$$\ny\n$$\n", Writer())
    assert html.count('<div class="scroll"><table>') == 1
    assert html.count('<svg class="formula"') == 2
    assert html.count('<div class="formula-block">') == 1


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<SCRIPT src="https://example.org/x.js"></SCRIPT>',
        '<iframe src="https://example.org"></iframe>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<img src="https://example.org/a.png">',
        "<img src=a.png>",
        "<svg onload=alert(1)>",
        '<form action="https://example.org"><button>',
        "<embed src=x.swf>",
        "<script src='x.js'",
    ],
)
def test_scripts_frames_and_pictures_from_elsewhere_are_taken_out(html):
    kept = f'<b>kept</b><img alt="a" src="data:image/png;base64,{PIXEL}">'
    for source in (f"Words {html} more\n\n{kept}", f"{html}\n\n{kept}"):
        found = to_html(source, Writer())
        assert not re.search(r"example|<script|<iframe|<link|<embed|onload|<form|a\.png", found)
        assert kept in found or "<script" in html


def test_links_that_run_are_words():
    html = to_html("[a](javascript:alert) [b](vbscript:x) <javascript:alert>", Writer())
    assert set(re.findall(r'href="([^"]*)"', html)) <= {"#harmful-link"}
