"""Networks of a study are asked again, and their maps are those that were scored."""

import numpy as np
import pandas as pd
import pytest

from spinelib.cases import load_arrays
from spinelib.prediction import maps
from spinelib.prediction.maps import to_labels
from spinelib.prediction.predictor import Predictor
from spinelib.questions.confidence import asked as asked_module
from spinelib.questions.confidence.asked import SUMS, ask_confidence
from spinelib.questions.confidence.figures import entropy_and_error, reliability_diagrams
from spinelib.questions.confidence.tables import patient_confidence
from spinelib.questions.robustness import subjects
from spinelib.runs.tables import CASE_COLUMNS
from spinelib.sources import prepare
from tests.questions.robustness.made import GRID, VIEWS, write_run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of two untrained networks and the data that they are tested on."""
    root = tmp_path_factory.mktemp("study")
    data = root / "data" / "phantom"
    prepare("phantom", data, patients=8, seed=3, size=GRID, views=VIEWS, test_fraction=0.5)
    arrays = load_arrays(data, tuple(GRID))
    films = arrays.subset((arrays.table["split"] == "test").to_numpy())
    parts = [write_run(root, data, method, films) for method in ("unet", "plunet")]
    pd.concat(parts)[CASE_COLUMNS].to_csv(root / "cases.csv", index=False)
    return root


@pytest.fixture(scope="module")
def asked(study):
    tested, _ = subjects(study)
    return study, tested, ask_confidence(tested, study / "data", "cpu")


def test_every_run_answers_for_every_test_case_with_its_dice(asked):
    _, tested, found = asked
    assert set(found["run"]) == {one.run for one in tested}
    assert len(found) == sum(len(one.rows) for one in tested)
    pixels = found[[name for name in SUMS if name.startswith("pixels")]].sum(1)
    assert (pixels > 0).all()
    rows = tested[0].rows.set_index("case")["value"]
    own = found[found["run"] == tested[0].run].set_index("case")["dice"]
    assert own.to_dict() == rows.to_dict()
    assert found["entropy"].between(0, 1).all()


def test_each_film_is_sent_to_the_device_once(asked, monkeypatch):
    root, tested, found = asked
    sent, store = [], maps.Store
    monkeypatch.setattr(asked_module, "BATCH", 2)
    monkeypatch.setattr(maps, "Store", lambda images, *more: sent.append(len(images)) or store(images, *more))
    again = ask_confidence(tested[:1], root / "data", "cpu")
    assert sum(sent) == len(again) > 2
    pd.testing.assert_frame_equal(again, found[found["run"] == tested[0].run].reset_index(drop=True))


def test_its_probabilities_are_those_of_the_labels(asked):
    root, tested, _ = asked
    predictor = Predictor.from_folder(tested[0].folder, "cpu")
    films = load_arrays(root / "data" / "phantom", tuple(GRID)).subset([0, 1])
    chances = predictor.chances(films, [0, 1])
    np.testing.assert_allclose(chances.sum(1), 1, atol=1e-3)
    inside = films.images[:, 0] > 0
    np.testing.assert_array_equal(to_labels(chances[:, 1:])[inside], predictor.labels(films)[inside])


def test_the_figures_have_a_panel_for_each_entry(asked):
    _, _, found = asked
    names = found["name"].nunique()
    for figure in (reliability_diagrams(found, "phantom"), entropy_and_error(patient_confidence(found), "phantom")):
        assert sum(bool(ax.get_title()) for ax in figure.axes) == names
