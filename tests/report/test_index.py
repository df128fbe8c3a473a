"""The index of a study: every state, every page, and what stands out."""

import re

from spinelib.report.index import write_index
from tests.report import sample


def test_the_index_shows_every_state_and_links_to_every_page(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    for words in ("4 finished", "1 failed", "1 killed", "1 waiting", "Which is best?", "demonstration budget"):
        assert words in html
    assert "ValueError: &lt;no films&gt;" in html
    assert "3 min 20 s" in html
    assert "error: films: is not a folder." in html
    assert "Mean Dice by method." in html
    links = re.findall(r'href="([^"#:]+)"', html)
    assert "runs/p-plunet-full-s0-f0/report.html" in links
    assert "questions/90_compare/report.html" in links
    assert all((study / link).exists() for link in links if link != "cases.csv")


def test_runs_of_other_code_are_flagged(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    flagged = [row for row in re.findall(r"<tr\b.*?</tr>", html, re.DOTALL) if "other code" in row]
    assert len(flagged) == 1
    assert "p-unet-full-s1-f0" in flagged[0]


def test_a_study_without_results_has_an_index(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "summary.csv").write_text(sample.SUMMARY.splitlines()[0] + "\n")
    html = write_index(tmp_path / "empty").read_text(encoding="utf-8")
    assert "Leaderboard" not in html
    assert "This study trains nothing." in html


def test_folders_of_an_earlier_plan_are_named(study):
    assert "Of an earlier plan" not in (study / "index.html").read_text(encoding="utf-8")
    (study / "runs" / "p-old-full-s0-f0").mkdir()
    html = write_index(study).read_text(encoding="utf-8")
    assert "Of an earlier plan, and counted nowhere" in html
    assert html.count("runs/p-old-full-s0-f0") == 1
