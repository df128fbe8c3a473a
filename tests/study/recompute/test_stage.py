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
        "d: 1\u202f480 images",
        '<td>d</td><td class="number">1\u202f480</td><td class="number">2</td>',
        "<span>commit</span>0123abc",
        'src="questions/90_compare/figures/other.png"',
        "Bars &amp; words.",
    ):
        assert words in html
    assert ";base64," not in html
    assert "kept as they were made" not in html
    assert "9 trainings" not in html


def test_what_was_changed_after_the_first_run_is_taken_over_and_without_a_mark_the_words_stay(earlier):
    files = read(earlier)
    changes = '<div class="alert" id="changes"><p>Not all of this.</p></div>\n'
    files["index.html"] = files["index.html"].replace(b"<section", changes.encode() + b"<section", 1)
    html = index_again(files, json.loads(files["runs.json"]), "")
    assert html.count(changes) == 1
    assert html.index(changes) < html.index('id="published"')
    assert "kept as they were made" in html


def test_another_page_is_refused(earlier):
    files = read(earlier) | {"index.html": b"<p></p>"}
    with pytest.raises(ValueError, match="none of a published study"):
        index_again(files, {}, "")
