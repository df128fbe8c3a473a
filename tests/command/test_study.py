"""`spinelib study`: run, show, list."""

from pathlib import Path

import pytest

from spinelib.command.line import main
from spinelib.questions.cobb import angle_tables
from spinelib.questions.compare import text
from spinelib.study import driver, merge


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.yaml").write_text("title: My own films\n")
    return tmp_path


def test_run_hands_its_words_and_its_status_on(here, monkeypatch):
    taken = []
    monkeypatch.setattr(driver, "run_study", lambda *given: taken.append(given) or 143)
    assert main(["study", "run", "mine", "--data", "my films", "--cores", "3", "--", "--dry-run"]) == 143
    assert taken == [(Path("studies/mine.yaml"), 3, "my films", "local", ["--dry-run"], "")]


@pytest.mark.parametrize("cores", ["0", "-1"])
def test_a_number_of_cores_that_means_nothing_is_refused(here, monkeypatch, capsys, cores):
    monkeypatch.setattr("spinelib.study.driver.run_study", lambda *given: pytest.fail("it was started"))
    assert main(["study", "run", "mine", f"--cores={cores}"]) == 2
    assert capsys.readouterr().err == f"error: --cores: is {cores}. Give 1 or more.\n"


def test_a_study_that_there_is_not_is_told_with_the_nearest(here, capsys):
    assert main(["study", "run", "smok"]) == 2
    assert "no such study. Did you mean 'smoke'?" in capsys.readouterr().err


def test_show_prints_boards_and_angles(here, monkeypatch, capsys):
    monkeypatch.setattr(text, "leaderboards", lambda results: f"boards of {Path(results).as_posix()}")
    monkeypatch.setattr(angle_tables, "cobb_tables", lambda results: f"angles of {Path(results).as_posix()}")
    assert main(["study", "show", "mine"]) == 0
    assert capsys.readouterr().out == "My own films: 0 questions\n"
    (here / "reports" / "mine").mkdir(parents=True)
    (here / "reports" / "mine" / "cases.csv").touch()
    assert main(["study", "show", "mine"]) == 0
    shown = "My own films: 0 questions\n\nboards of reports/mine\n\nangles of reports/mine\n"
    assert capsys.readouterr().out == shown


def test_what_has_finished_is_shown_without_the_data_it_came_from(here, monkeypatch, capsys):
    monkeypatch.setattr(text, "leaderboards", lambda results: "boards")
    monkeypatch.setattr(angle_tables, "cobb_tables", lambda results: "angles")
    given = "title: Mine\ndata: {films: {dataset: folder, source: $DATA}}\n"
    (here / "studies" / "mine.yaml").write_text(given)
    assert main(["study", "show", "mine"]) == 2
    assert "data 'films' are files of yours" in capsys.readouterr().err
    (here / "reports" / "mine").mkdir(parents=True)
    (here / "reports" / "mine" / "cases.csv").touch()
    assert main(["study", "show", "mine"]) == 0
    assert capsys.readouterr().out == "cost not counted: data 'films' are files of yours\n\nboards\n\nangles\n"


def test_list_names_own_and_shipped_studies_with_titles_and_indices(here, capsys):
    (here / "reports" / "mine").mkdir(parents=True)
    (here / "reports" / "mine" / "index.html").touch()
    (here / "studies" / "broken.yaml").write_text("titel: x\n")
    assert main(["study", "list"]) == 0
    lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert lines["mine"] == f"My own films  ({Path('reports/mine/index.html')})"
    assert lines["smoke"] == "Smoke test"
    assert lines["broken"].startswith("not usable: unknown key 'titel'")


def test_merge_prints_what_came_and_says_when_something_was_left_out(here, monkeypatch, capsys):
    left = []
    monkeypatch.setattr(merge, "merge_study", lambda folder, other: merge.Merged([f"{folder} {other}"], left))
    assert main(["study", "merge", "reports/mine", "disk/mine"]) == 0
    left += ["left out: one"]
    assert main(["study", "merge", "reports/mine", "disk/mine"]) == 1
    assert capsys.readouterr().out == "reports/mine disk/mine\nreports/mine disk/mine\nleft out: one\n"
