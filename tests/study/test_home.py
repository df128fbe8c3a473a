"""Users without a home."""

import pytest

from spinelib.study.home import home_or_else


def test_a_home_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_or_else(tmp_path / "other") == {}
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/home", "/nowhere/at/all"])
def test_where_there_is_none_another_folder_is_the_home(tmp_path, monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    assert home_or_else(tmp_path / "other") == {"HOME": str(tmp_path / "other")}
    assert (tmp_path / "other").is_dir()
