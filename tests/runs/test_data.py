import pytest

from spinelib import sources
from spinelib.core.errors import BadInput
from spinelib.runs.data import prepare_once, prepared_manifest
from tests.flips import flips


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


def test_tables_that_were_damaged_or_edited_are_prepared_again_and_never_used(tmp_path, made):
    path = prepare_once(tmp_path / "films", {"dataset": "phantom"})
    for _ in flips(path):
        with pytest.raises(BadInput, match=r"manifest\.csv: is damaged, was edited or is gone"):
            prepared_manifest(tmp_path, "films")
    assert prepared_manifest(tmp_path, "films") == path
    assert len(made) == 1
    path.write_text("case\nmine\n")
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 2
    (tmp_path / "films" / "problems.csv").write_text("found later")
    prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert len(made) == 2


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, made):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "manifest.csv").write_text("mine")
    for _ in range(2):
        with pytest.raises(BadInput, match="no preparing of ours made it"):
            prepare_once(tmp_path / "films", {"dataset": "phantom"})
    assert [path.name for path in (tmp_path / "films").iterdir()] == ["manifest.csv"]
    assert made == []
