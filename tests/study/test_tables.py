"""The tables of a study hold the finished runs, and change only with their content."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.core.seals import marks_of
from spinelib.runs.state import as_text
from spinelib.runs.tables import CASE_COLUMNS, read_cases, write_cases
from spinelib.statistics.comparison import summarise
from spinelib.study.tables import gather, write_tables
from tests.questions.compare.case_rows import case_rows


def finished(root, run, value):
    """The folder of a finished run with six patients of one Dice and an hundredth of it more each."""
    folder = root / "runs" / run
    folder.mkdir(parents=True)
    rows = pd.DataFrame(case_rows("unet", "real", value)).assign(run=run)[CASE_COLUMNS]
    write_cases(rows, folder / "cases.csv")
    (folder / "run.json").write_text("{}")
    return folder


def test_runs_that_have_not_finished_have_no_rows(tmp_path):
    folders = [finished(tmp_path, "one", 0.5), finished(tmp_path, "two", 0.6), tmp_path / "runs" / "never"]
    (folders[1] / "run.json").unlink()
    found = gather(folders)
    assert set(found["run"]) == {"one"}
    assert list(gather(folders[1:]).columns) == CASE_COLUMNS
    assert gather(folders[1:]).empty


def test_both_tables_are_written_and_left_alone_while_nothing_changes(tmp_path):
    folders = [finished(tmp_path, "one", 0.5)]
    cases = write_tables(folders, tmp_path)
    pd.testing.assert_frame_equal(cases, read_cases(tmp_path / "cases.csv"))
    assert (tmp_path / "summary.csv").read_text() == summarise(cases).to_csv(index=False)
    paths = [tmp_path / "cases.csv", tmp_path / "summary.csv"]
    before = [path.stat().st_mtime_ns for path in paths]
    write_tables(folders, tmp_path)
    assert [path.stat().st_mtime_ns for path in paths] == before
    write_tables([*folders, finished(tmp_path, "two", 0.6)], tmp_path)
    assert len(read_cases(paths[0])) == 2 * len(cases)
    assert all(path.stat().st_mtime_ns > was for path, was in zip(paths, before, strict=True))


def test_the_paper_s_seventeen_of_nineteen_structures_have_a_mean_of_their_own(tmp_path):
    folder = finished(tmp_path, "one", 0.5)
    rows = read_cases(folder / "cases.csv").assign(structure="L5", metric="dice", unit="1").drop_duplicates("case")
    parts = [rows, rows.assign(structure="T9", value=0.0), rows.assign(structure="all", value=0.3)]
    write_cases(pd.concat(parts), folder / "cases.csv")
    write_tables([folder], tmp_path)
    for table in (read_cases(tmp_path / "cases.csv"), pd.read_csv(tmp_path / "summary.csv")):
        assert set(table["structure"]) == {"L5", "T9", "all", "seventeen"}


def test_an_edited_table_of_the_study_is_noticed_when_it_is_read_and_written_anew(tmp_path):
    folders = [finished(tmp_path, "one", 0.5)]
    write_tables(folders, tmp_path)
    path = tmp_path / "cases.csv"
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:-3]))
    with pytest.raises(BadInput, match=r"cases\.csv: is not as it was written.*Run 'make study' again"):
        read_cases(path)
    write_tables(folders, tmp_path)
    assert read_cases(path).to_csv(index=False) == whole


def test_a_broken_table_is_named(tmp_path):
    folder = finished(tmp_path, "one", 0.5)
    (folder / "cases.csv").write_text("case,value\na,1\n")
    with pytest.raises(BadInput, match=r"one/cases\.csv"):
        write_tables([folder], tmp_path)
    assert not (tmp_path / "cases.csv").exists()


@pytest.mark.parametrize("damage", ["gone", "shorter"])
def test_a_table_that_is_gone_or_shorter_is_no_run_of_fewer_cases(tmp_path, damage):
    folder = finished(tmp_path, "one", 0.5)
    path = folder / "cases.csv"
    (folder / "run.json").write_text(as_text({"status": "finished", "files": marks_of(folder, [path])}))
    assert len(gather([folder])) == 18
    if damage == "gone":
        path.unlink()
    else:
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    with pytest.raises(BadInput, match=r"one/cases\.csv: is not as it was written"):
        gather([folder])
