"""The mark of a page says what it rests on, and stands once."""

import pytest

from spinelib.report.results.recomputed import CASES, NO_INFERENCE
from spinelib.study.recompute.marks import index_mark, marked, page_mark
from tests.study.recompute.made import PAGE


def test_a_page_that_judges_says_that_its_verdicts_are_of_single_trainings():
    mark = page_mark("questions/35_ablation/report.html", "2026-01-02, commit 0123abc", CASES, ["parts.csv"])
    for words in ("pays, hurts", "of no method", CASES, "2026-01-02, commit 0123abc", "parts.csv"):
        assert words in mark
    assert 'href="../../index.html"' in mark
    assert "of no method" not in page_mark("runs/r/report.html", "", NO_INFERENCE, [])


def test_a_page_is_marked_once_below_its_first_line():
    page = PAGE.format(title="T", figure="f")
    once = marked(page, page_mark("runs/r/report.html", "then", CASES, []))
    twice = marked(once, index_mark(["What <b>was</b>."]))
    assert once.index("crumbs") < once.index('id="recomputed"') < once.index("<h1>")
    assert twice.count('id="recomputed"') == 1
    assert "What &lt;b&gt;was&lt;/b&gt;." in twice
    with pytest.raises(ValueError, match="crumbs"):
        marked("<p>no page</p>", "")
