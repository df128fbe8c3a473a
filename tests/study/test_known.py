"""Studies are looked for in the current folder first, then among the project's own."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.shipped import shipped
from spinelib.study.known import find_notebook, find_study, known_studies


def test_the_current_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_study("smoke") == shipped("studies", "smoke.yaml")
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "smoke.yaml").touch()
    (tmp_path / "studies" / "zz_mine.yaml").touch()
    assert find_study("smoke") == Path("studies/smoke.yaml")
    names = list(known_studies())
    assert names == sorted(names)
    assert {"quick", "smoke", "zz_mine"} <= set(names)


def test_a_folder_with_braces_in_its_name_is_refused(tmp_path):
    own = tmp_path / "a {name} b" / "notebooks" / "90_compare.ipynb"
    own.parent.mkdir(parents=True)
    own.touch()
    with pytest.raises(BadInput, match="lies in a folder with braces in its name"):
        find_notebook(own.parents[1], "90_compare")


def test_a_path_is_taken_as_it_is():
    assert find_study("somewhere/else.yaml") == Path("somewhere/else.yaml")


@pytest.mark.parametrize(("word", "remedy"), [("smokee", "Did you mean 'smoke'"), ("../smoke", "smoke")])
def test_a_name_that_there_is_not_is_refused(word, remedy):
    with pytest.raises(BadInput, match=remedy):
        find_study(word)


def test_a_notebook_beside_the_study_hides_the_projects_own(tmp_path):
    assert find_notebook(tmp_path, "90_compare") == shipped("notebooks", "90_compare.ipynb")
    own = tmp_path / "notebooks" / "90_compare.ipynb"
    own.parent.mkdir()
    own.touch()
    assert find_notebook(tmp_path, "90_compare") == own
    assert find_notebook(tmp_path, "90_compere") == tmp_path / "notebooks" / "90_compere.ipynb", "to be told as missing"
    assert find_notebook(Path(), "nothing") == Path("notebooks/nothing.ipynb")
