"""The index of a study: every state, every page, and what stands out."""

import csv
import re
import shutil

from spinelib.core.layout import RunFolder
from spinelib.report.index import write_index
from spinelib.runs import lock
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


def test_what_failed_is_linked_from_its_count(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    states = html[html.index('class="facts states"') : html.index('id="answers"')]
    counted = states[states.index("1 failed") : states.index("</details>", states.index("1 failed"))]
    assert re.search(r'href="runs/[a-z0-9_-]+/report.html"', counted)
    assert "ValueError: &lt;no films&gt;" in counted
    assert "The study is running" not in states


def test_an_index_of_a_study_that_runs_says_so(study):
    held = RunFolder(study / "runs" / "p-unet-full-s0-f0").engine_lock
    lock.take(held)
    try:
        html = write_index(study).read_text(encoding="utf-8")
    finally:
        lock.release(held)
    assert "1 running" in html
    assert "The study is running. This page is written anew whenever one of its steps has ended" in html


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


def test_the_answers_come_first_then_how_it_was_done_the_scores_and_the_evidence(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    places = [
        html.index(f'id="{name}"') for name in ("answers", "protocol", "leaderboard", "questions", "runs", "words")
    ]
    assert places == sorted(places)
    first = html[places[0] : places[1]]
    assert "Cannot be told: every network was trained once" in first
    assert "In these trainings FCN-8s has the highest mean Dice" in first


def test_the_parts_of_the_page_are_linked_from_its_top_and_its_words_from_every_page(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    parts = html[html.index('<nav class="sections"') : html.index("</nav>")]
    anchors = re.findall(r'href="#([^"]+)"', parts)
    assert {"answers", "leaderboard", "questions", "runs", "words"} <= set(anchors)
    assert all(f'id="{anchor}"' in html for anchor in anchors)
    for page in study.glob("*/*/report.html"):
        assert 'href="../../index.html#words"' in page.read_text(encoding="utf-8")


def test_a_column_is_spelt_out_above_the_first_board_that_has_it_with_what_is_good(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    first = html[html.index('id="leaderboard"') : html.index('<table class="board">')]
    assert "<strong>Dice</strong> ↑ overlap of the two outlines" in first
    assert "; higher is better." in first
    assert html.count("<strong>Dice</strong> ↑") == 1


def test_every_word_of_a_board_is_told_with_what_is_good(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    terms = html[html.index('<dl class="glossary">') : html.index("</dl>")]
    assert terms.count("<dt>") > 10
    for words in ("<dt>Dice</dt>", "Higher is better, from 0 to 1", "Lower is better", "<dt>digital patient</dt>"):
        assert words in terms


def test_every_claim_stands_on_the_index_with_its_verdict_in_front(study, tmp_path):
    own = shutil.copytree(study, tmp_path / "study")
    fields = ("rule", "one", "other", "structure", "metric", "paper", "statement", "published", "mean", "low", "high")
    with (own / "questions" / "90_compare" / "verdicts.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, (*fields, "unit", "dataset", "verdict", "needed"))
        writer.writeheader()
        for number, verdict in enumerate(("not testable here", "agrees here", "one training")):
            facts = dict.fromkeys(fields, "") | {"paper": "P", "statement": f"claim {number}", "needed": "more"}
            writer.writerow({**facts, "unit": "1", "dataset": "d", "verdict": verdict})
    html = write_index(own).read_text(encoding="utf-8")
    lines = re.findall(r'<li data-paper="P" data-verdict="(.*?)"><strong>(.*?)\.</strong> (Claim \d)\.', html)
    assert lines == [
        ("agrees here", "Agrees here", "Claim 1"),
        ("one training", "One training", "Claim 2"),
        ("not testable here", "Not testable here", "Claim 0"),
    ]


def test_a_publication_is_what_it_was_and_no_run_of_it_is_of_other_code(study, tmp_path):
    own = shutil.copytree(study, tmp_path / "study")
    html = write_index(own, published=True).read_text(encoding="utf-8")
    assert "other code" not in html
    assert "other code" in write_index(own).read_text(encoding="utf-8")
