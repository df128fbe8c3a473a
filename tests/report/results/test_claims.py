"""What the papers claimed beside what a study found."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results import claims
from spinelib.report.results.claims import any_settled, claim, claim_side, claims_by_paper, published_number
from tests.report.results.made import write

PAPERS = "Gu, Wang, Chen 2025, Journal", "Li 2023, Journal"


def row(name, paper, verdict, mean=None, low=None, high=None, unit="1", published=None):
    about = {"id": name, "paper": paper, "statement": f"S {name}", "source": "Table 2", "unit": unit, "dataset": "d"}
    about |= {"rule": "difference", "one": "a/full", "other": "b/full", "metric": "dice", "seeds": 3}
    about["structure"] = "spine"
    return about | {"verdict": verdict, "published": published, "mean": mean, "low": low, "high": high}


ROWS = [
    row("a", PAPERS[0], "agrees here", 0.05, 0.01, 0.09, published=0.0358),
    row("b", PAPERS[0], "not testable here", published=0.9),
    row("c", PAPERS[1], "contradicted", -3.0, -4.0, -2.0, unit="deg", published=1.5),
    row("e", PAPERS[1], "agrees here", 75.0, 75.0, 75.0, unit="%") | {"rule": "cost"},
]


@pytest.fixture
def study(tmp_path):
    return write(tmp_path, questions__70_claims__verdicts=ROWS)


def test_papers_and_all_of_them_are_counted_by_verdict(study):
    assert claims_by_paper(study).splitlines() == [
        "| paper | agrees here | contradicted | not testable here |",
        "| --- | --- | --- | --- |",
        f"| {PAPERS[0]} | 1 | 0 | 1 |",
        f"| {PAPERS[1]} | 0 | 1 | 0 |",
        "| all | 1 | 1 | 1 |",
        "| costs, all papers | 1 | 0 | 0 |",
    ]


def test_verdicts_of_an_earlier_publication_stand_below_with_its_date_and_commit(study):
    was = pd.DataFrame(ROWS).assign(verdict="disagrees here", commit="c0ffee1", date="2026-01-02")
    was.to_csv(study.folder / "earlier_verdicts.csv", index=False)
    assert claims_by_paper(study).splitlines()[-2:] == [
        # Three lines of one pair and verdict are one piece of evidence.
        "| all, 2026-01-02, c0ffee1 | 0 | 0 | 1 | 0 |",
        "| costs, all papers, 2026-01-02, c0ffee1 | 0 | 0 | 1 | 0 |",
    ]


def test_verdicts_as_first_published_stand_below_those_of_today(tmp_path):
    rows = [line | {"before": "agrees here"} for line in ROWS]
    lines = claims_by_paper(write(tmp_path, questions__70_claims__verdicts=rows)).splitlines()
    assert lines[-2:] == [
        "| all, as first published | 1 | 0 | 0 |",
        "| costs, all papers, as first published | 1 | 0 | 0 |",
    ]
    # One pair, metric and verdict count once.
    assert lines[-4] == "| all | 1 | 1 | 1 |"


def test_tested_claims_stand_with_their_interval_and_unit(study):
    assert claims.tested(study).splitlines()[2:] == [
        "| S a | Gu, Wang, Chen | 0.036 | 0.050 [0.010, 0.090] | d | agrees here |",
        "| S e | Li |  | 75.00 % | d | agrees here |",
        "| S c | Li | 1.50° | -3.00 [-4.00, -2.00]° | d | contradicted |",
    ]


def test_one_claim_as_a_sentence_and_on_which_side_it_lies(study):
    assert claim(study, "a") == "“S a” (Table 2): published 0.036, here 0.050 [0.010, 0.090]: agrees here"
    assert [claim_side(study, name) for name in "ace"] == ["", "below", ""]
    assert published_number(study, "c") == 1.5
    with pytest.raises(BadInput, match=r"has no claim 'z'.*make publish"):
        claim(study, "z")


def test_what_is_settled_in_full_is_said(study, tmp_path):
    assert any_settled(study) == "In full: 1 contradicted."
    open_study = write(tmp_path / "open", questions__70_claims__verdicts=ROWS[:2])
    assert any_settled(open_study) == "None is replicated or contradicted in full."


def test_a_line_of_one_training_has_no_verdict_even_if_it_was_published_with_one(tmp_path):
    once = write(tmp_path, questions__70_claims__verdicts=[row | {"seeds": 1} for row in ROWS])
    assert claim(once, "a").endswith(": one training")
    assert claim(once, "e").endswith(": agrees here"), "a cost needs no training"
    assert any_settled(once) == "None is replicated or contradicted in full."


def test_a_number_published_for_another_question_stands_beside_none_of_todays(tmp_path):
    old = row("seg4reg-gain-smape", PAPERS[0], "agrees here", -7.57, -9.09, -6.07, unit="%", published=-0.32)
    old |= {"one": "seg4regplus/full", "other": "seg4regplus/seg4reg", "metric": "smape", "structure": "angles"}
    study = write(tmp_path, questions__70_claims__verdicts=[old])
    assert "-7.57" not in claims.tested(study)
    assert claim(study, "seg4reg-gain-smape").endswith(": not testable here")
