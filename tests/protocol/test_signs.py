"""Signs of learning: what a network that looked at nothing would reach, from labels of the training side alone."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spinelib.measures.cobb.table import answer_rows, true_angles
from spinelib.measures.tables import score_maps
from spinelib.protocol.signs import course_signs, dices, scoring_signs, training_angles, training_mask
from tests.measures.cobb.spines import c_curve
from tests.protocol.made import arrays


@pytest.fixture
def films():
    """Columns that stand further right from patient to patient, with corners of spines that bend more and more."""
    made = arrays(patients=10, views=("coronal",), tests=4, h=64, w=32)
    labels = np.zeros_like(made.labels)
    for i in range(len(made)):
        labels[i, 6:58, 8 + i % 4 : 14 + i % 4] = 1
    corners = np.stack([c_curve(10.0 + 3 * i) for i in range(len(made))]).astype(np.float32)
    return replace(made, labels=labels, landmarks=corners)


def scored_side(films):
    return films.subset(films.table["split"].to_numpy() == "test")


def test_the_one_mask_fits_the_training_films_best(films):
    taught = films.subset(films.table["split"].to_numpy() == "train")
    mask = training_mask(films)
    assert mask[6:58].any(0).sum() in range(4, 10)
    assert not mask[:6].any()
    fit = dices(taught.labels > 0, mask).mean()
    every = np.zeros_like(mask)
    every[6:58, 8:17] = True
    assert fit >= dices(taught.labels > 0, every).mean()
    assert dices(mask[None], mask) == [1.0]


def test_no_label_of_a_test_film_goes_into_a_guess(films):
    moved = replace(films, labels=films.labels.copy())
    moved.labels[: len(scored_side(films))] = 1
    rows = score_maps(scored_side(films).labels, scored_side(films))
    one, other = (scoring_signs(rows, scored_side(films), source) for source in (films, moved))
    assert one == other
    assert one["dice"] == 1
    assert 0.5 < one["dice_guess"] < 1


def test_empty_predictions_are_counted(films):
    predictions = scored_side(films).labels.copy()
    predictions[:3] = 0
    rows = score_maps(predictions, scored_side(films))
    assert scoring_signs(rows, scored_side(films), films)["empty"] == 0.75


def test_answers_are_held_against_the_mean_of_the_training_angles(films):
    taught = films.subset(films.table["split"].to_numpy() == "train")
    mean = training_angles(films)
    np.testing.assert_allclose(mean, true_angles(taught).mean(0))
    own, answers = scored_side(films), np.tile(mean, (4, 1))
    rows = score_maps(own.labels, own)
    same = scoring_signs(joined(rows, answer_rows(answers, own)), own, films, answers)
    assert same["spread"] == 0
    assert same["smape"] == pytest.approx(same["smape_guess"])
    right = true_angles(own)
    good = scoring_signs(joined(rows, answer_rows(right, own)), own, films, right)
    assert good["smape"] == pytest.approx(0, abs=1e-6)
    assert good["smape_guess"] == pytest.approx(same["smape_guess"])
    assert good["spread"] == pytest.approx(np.ptp(right.max(1)))


def joined(*tables):
    return pd.concat(tables, ignore_index=True)


def test_data_without_training_films_have_no_guess(films):
    rows = score_maps(scored_side(films).labels, scored_side(films))
    assert scoring_signs(rows, scored_side(films), scored_side(films)) == {"empty": 0, "dice": 1}
    assert np.isnan(training_angles(scored_side(films))).all()


def test_the_course_of_a_training(tmp_path):
    path = tmp_path / "history.csv"
    assert course_signs(path) == {}
    path.write_text("epoch,validation_dice\n1,0.4\n2,0\n")
    assert course_signs(path) == {"best_dice": 0.4, "last_dice": 0}
    path.write_text("epoch,validation_dice,stage\n1,0.4,ends\n")
    assert course_signs(path) == {}
