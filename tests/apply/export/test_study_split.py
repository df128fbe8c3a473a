"""The split of a study for images that were read."""

from types import SimpleNamespace

import pytest

from spinelib.apply.export.study_split import FOLDS, StudySplit
from spinelib.core.errors import BadInput

from ...cases.films import NAME, data_set


def read(path):
    return SimpleNamespace(image=SimpleNamespace(path=path))


def test_without_a_study_nothing_is_split(tmp_path):
    split = StudySplit(None)
    assert not split.tests(read(tmp_path / "a.png"))
    assert split.folds({"a": read(tmp_path / "a.png")}) == []


def test_patients_stay_together_and_strangers_train(tmp_path):
    data = tmp_path / "data" / "own"
    data_set(data, count=14)
    images = {f"c{k}": read(data / "images" / NAME.format(k)) for k in range(14)}
    split = StudySplit(tmp_path)
    assert [name for name, image in images.items() if split.tests(image)] == ["c12", "c13"]
    trained = {name: image for name, image in images.items() if not split.tests(image)}
    folds = split.folds({**trained, "new": read(tmp_path / "new.png")})
    assert len(folds) == FOLDS
    for fold in folds:
        assert set(fold["train"]) | set(fold["val"]) == {*trained, "new"}
        assert not set(fold["train"]) & set(fold["val"])
        assert "new" in fold["train"]
        # Two films of each patient.
        assert all({f"c{k}", f"c{k + 1}"} <= set(fold["val"]) for k in (int(n[1:]) // 2 * 2 for n in fold["val"]))
    assert sorted(name for fold in folds for name in fold["val"]) == sorted(trained)


def test_a_folder_that_is_no_study_is_refused(tmp_path):
    with pytest.raises(BadInput, match="holds no prepared data"):
        StudySplit(tmp_path)
