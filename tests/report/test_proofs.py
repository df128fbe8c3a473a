"""Links from a row of a board to its run, its worst case and its table."""

from spinelib.core.layout import StudyFolder
from spinelib.report.leaderboard import Line
from spinelib.report.proofs import line_proofs


def line(*runs):
    return Line("U-Net", [], None, 1.0, "unet/full", runs)


def test_a_row_links_to_what_is_there(tmp_path):
    study, run = StudyFolder(tmp_path), tmp_path / "runs" / "a b"
    assert line_proofs(study, line("a b")) == []
    run.mkdir(parents=True)
    (run / "cases.csv").write_text("case\n")
    assert line_proofs(study, line("a b")) == [("every case", "runs/a%20b/cases.csv")]
    (run / "report.html").write_text('<h2 id="scores">Scores</h2>')
    assert line_proofs(study, line("a b"))[0] == ("run", "runs/a%20b/report.html")


def test_the_worst_case_is_where_the_page_shows_it_and_the_first_of_several_runs_speaks(tmp_path):
    page = tmp_path / "runs" / "a" / "report.html"
    page.parent.mkdir(parents=True)
    page.write_text('<h2 id="best-median-and-worst">Best</h2>')
    found = line_proofs(StudyFolder(tmp_path), line("a", "b"))
    assert found == [("run 1 of 2", "runs/a/report.html"), ("worst case", "runs/a/report.html#best-median-and-worst")]


def test_a_row_without_runs_has_no_proof(tmp_path):
    assert line_proofs(StudyFolder(tmp_path), line()) == []
