"""What the index tells of the questions: sentences, figures in order, the ledger of claims."""

import csv
import json

import pytest

from spinelib.report.story import chapter, read_contrasts, read_gallery, read_ledger
from spinelib.runs.state import read_state

FIELDS = (
    *("rule", "one", "other", "structure", "metric", "paper", "statement"),
    *("published", "mean", "low", "high", "unit", "dataset", "verdict"),
)


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "questions" / "q"
    (folder / "figures").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"status": "finished", "answer": ["A leads."], "code": "x"}))
    (folder / "figures" / "b.png").write_bytes(b"B")
    (folder / "figures" / "captions.json").write_text(json.dumps({"b": "second made first", "gone": "no file"}))
    return tmp_path


def ledger(study, *lines):
    with (study / "questions" / "q" / "verdicts.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, FIELDS)
        writer.writeheader()
        writer.writerows(lines)


def line(verdict, **changes):
    usual = {"paper": "P", "statement": "S", "published": "0.02", "mean": "0.0123456", "low": "-0.01", "high": "0.03"}
    usual |= {"rule": "difference", "one": "a/full", "other": "b/full", "metric": "dice", "structure": "spine"}
    return {**usual, "unit": "1", "dataset": "d", "verdict": verdict, **changes}


def test_a_chapter_holds_the_answer_and_the_first_figure_that_exists(study):
    told = chapter(study, "q", read_state(study / "questions" / "q"))
    assert told.answer == ["A leads."]
    assert told.picture.caption == "second made first"
    assert told.picture.source == "data:image/png;base64,Qg=="
    assert told.more == 0
    assert told.tables == []


def test_a_chapter_names_its_tables_and_the_gallery_is_what_shows_every_method(study):
    assert read_gallery(study) == []
    folder = study / "questions" / "q"
    (folder / "numbers.csv").write_text("a\n1\n")
    (folder / "figures" / "gallery_d.png").write_bytes(b"G")
    (folder / "figures" / "captions.json").write_text(json.dumps({"b": "second", "gallery_d": "every method"}))
    assert chapter(study, "q", read_state(folder)).tables == ["questions/q/numbers.csv"]
    assert [picture.caption for picture in read_gallery(study)] == ["every method"]


def test_a_question_that_has_not_run_has_said_nothing(study):
    told = chapter(study, "later", read_state(study / "questions" / "later"))
    assert (told.answer, told.picture, told.more) == ([], None, 0)


def test_the_ledger_counts_every_line_and_lists_those_tested(study):
    lines = [line("not testable here"), line("inconclusive"), line("agrees here", unit="mm", published="")]
    ledger(study, *lines)
    found = read_ledger(study)
    assert found.counts == {"agrees here": 1, "inconclusive": 1, "not testable here": 1}
    assert [claim.verdict for claim in found.lines] == ["agrees here", "inconclusive", "not testable here"]
    assert found.lines[0].sentence == "S. Found here: 0.0123 [-0.01, 0.03] mm (d)."
    assert found.lines[1].sentence == "S. Published: 0.02. Found here: 0.0123 [-0.01, 0.03] (d)."
    assert found.question == "q"
    assert found.costs == {}


def test_lines_of_one_pair_count_once_and_costs_apart(study):
    ledger(study, line("agrees here"), line("agrees here", statement="T"), line("agrees here", rule="cost"))
    found = read_ledger(study)
    assert (found.counts, found.costs) == ({"agrees here": 1}, {"agrees here": 1})
    assert len(found.lines) == 3


def test_a_cost_without_an_interval_is_a_number(study):
    ledger(study, line("agrees here", low="0.5", high="0.5", mean="0.5", unit="%"))
    assert read_ledger(study).lines[0].sentence.endswith("Found here: 0.5 % (d).")


def test_no_ledger_is_none(study):
    assert read_ledger(study) is None


def test_the_contrasts_that_the_study_named_stand_with_subset_view_and_counts(study):
    assert read_contrasts(study) == []
    row = {"dataset": "d", "one": "unet/full", "other": "pspnet/full", "structure": "spine", "metric": "dice"}
    row |= {"unit": "1", "kind": "difference", "subset": "all test cases", "view": "all", "n": 40, "seeds": 1}
    row |= {"mean": 0.0123456, "low": -0.01, "high": 0.03, "p_holm": "", "verdict": "one training"}
    with (study / "questions" / "q" / "contrasts.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(row))
        writer.writeheader()
        writer.writerow(row)
    (line,) = read_contrasts(study)
    assert (line.one, line.score, line.where) == ("U-Net", "Dice of spine", "d, all test cases, all views")
    assert (line.patients, line.trainings, line.found, line.p) == ("40", "1", "0.0123 [-0.01, 0.03]", "")
    assert (line.verdict, line.words) == ("one training", "cannot be told: one training")
