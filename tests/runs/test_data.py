import pytest

from spinelib import sources
from spinelib.core.errors import BadInput
from spinelib.runs.data import prepare_once, prepared_manifest


@pytest.fixture
def made(monkeypatch):
    """Counts how often data are prepared, in place of a data set."""
    calls = []

    def prepare(name, folder, **options):
        if options.get("fail"):
            raise BadInput(name, "cannot be prepared", "Mend it.")
        calls.append((name, options))
        (folder / "manifest.csv").write_text("case\n")

    monkeypatch.setattr(sources, "prepare", prepare)
    return calls


def test_the_same_options_prepare_once_and_others_again(tmp_path, made):
    for patients in (3, 3, 4):
        path = prepare_once(tmp_path / "films", {"dataset": "phantom", "patients": patients})
    assert path == tmp_path / "films" / "manifest.csv"
    assert made == [("phantom", {"patients": 3}), ("phantom", {"patients": 4})]
    path.unlink()
    prepare_once(tmp_path / "films", {"dataset": "phantom", "patients": 4})
    assert len(made) == 3


def test_data_that_failed_are_tried_again(tmp_path, made):
    with pytest.raises(BadInput, match="cannot be prepared"):
        prepare_once(tmp_path / "films", {"dataset": "phantom", "fail": True})
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 1


def test_data_that_a_study_has_not_prepared_are_named(tmp_path, made):
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert prepared_manifest(tmp_path, "films") == tmp_path / "films" / "manifest.csv"
    with pytest.raises(BadInput, match="Did you mean 'films'"):
        prepared_manifest(tmp_path, "flims")
