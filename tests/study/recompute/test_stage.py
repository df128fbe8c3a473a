"""The index of a publication is rendered from what is published."""

import json

import pytest

from spinelib.study.recompute.stage import index_again


def read(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_index_shows_titles_figures_and_what_lay_beside_the_study(earlier):
    files = read(earlier)
    html = index_again(files, json.loads(files["runs.json"]), "<p>THE MARK</p>")
    assert html.index("THE MARK") < html.index('id="published"')
    for words in (
        "Question 90_compare",
        "480 images",
        'src="questions/90_compare/figures/other.png"',
        "Bars &amp; words.",
    ):
        assert words in html
    assert ";base64," not in html
    assert "kept as they were made" not in html


def test_another_page_is_refused(earlier):
    files = read(earlier) | {"index.html": b"<p></p>"}
    with pytest.raises(ValueError, match="none of a published study"):
        index_again(files, {}, "")
