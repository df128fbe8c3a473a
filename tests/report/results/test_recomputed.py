"""Of every table and page it is known what became of it; what only new runs mend is found in the study itself."""

import pandas as pd

from spinelib.report.results.published import PublishedStudy
from spinelib.report.results.recomputed import mended_by_new_runs, place_outcomes, recomputed
from tests.study.recompute.made import TABLES, write_earlier


def test_every_table_and_page_has_a_line():
    places = [
        "summary.csv",
        "runs.csv",
        "runs.json",
        "recomputed.csv",
        "questions/30_robustness/report.html",
        "a/b.csv",
    ]
    rows = place_outcomes(places, ["a/b.csv"], [], "0123abc").set_index("what")
    assert sorted(rows.index) == ["a/b.csv", "questions/30_robustness/report.html", "runs.csv", "summary.csv"]
    assert rows["became"]["a/b.csv"] == "judged anew"
    assert rows["commit"]["a/b.csv"] == "0123abc"
    assert "table of every case" in rows["why"]["summary.csv"]
    assert "networks" in rows["why"]["questions/30_robustness/report.html"]
    assert rows["why"]["runs.csv"] == "tells no difference between methods"


def test_what_only_new_runs_mend_is_found_in_the_study(tmp_path):
    said = " ".join(mended_by_new_runs(PublishedStudy(write_earlier(tmp_path))))
    for words in (
        "from one seed",
        "Every film of d counts as a patient",
        "missed",
        "bfloat16 and float32",
        "gaps closed",
    ):
        assert words in said
    assert "Of 7 runs and questions 1 were made by code that is in no commit" in said


def test_films_of_several_patients_are_not_called_patients_of_their_own(tmp_path):
    folder = write_earlier(tmp_path)
    rows = [row | {"n": 30} for row in TABLES["summary.csv"]]
    pd.DataFrame(rows).to_csv(folder / "summary.csv", index=False)
    assert "patient of its own" not in " ".join(mended_by_new_runs(PublishedStudy(folder)))


def test_a_study_that_was_not_recomputed_says_nothing(tmp_path):
    assert recomputed(PublishedStudy(write_earlier(tmp_path / "s"))) == []
