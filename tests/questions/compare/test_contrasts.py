"""One contrast, one verdict: the family, its Holm, what stands beyond it, and what one training cannot say."""

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.compare.contrasts import (
    ALONE,
    ANGLES,
    COLUMNS,
    Asked,
    contrasts_of,
    find_contrast,
    pair_contrasts,
    patient_differences,
    study_contrasts,
)
from spinelib.statistics.comparison import holm
from spinelib.statistics.contrast_verdicts import BETTER, NOT_NAMED, ONE_TRAINING, OPEN, WHOLE, WORSE
from tests.questions.significance.made import cases

PAIRS = [["good/full", "base/full"], ["fair/full", "base/full"], ["base/full", "nobody/full"]]
DICE = ("spine", "dice", "1")


def made(seeds=(0, 1, 2), **facts):
    return cases(seeds=seeds).assign(**facts)


def test_the_family_is_of_the_named_pairs_and_adjusted_once():
    both = pd.concat([made(), made(dataset="aasce", trained_on="aasce")], ignore_index=True)
    table = study_contrasts(both, PAIRS)
    assert tuple(table.columns) == COLUMNS
    assert table[["dataset", "one"]].drop_duplicates().shape[0] == 4
    assert set(table["metric"]) == {"dice"}
    np.testing.assert_allclose(table["p_holm"], holm(table["p"]))
    assert table["named"].all()
    assert set(table["view"]) == {"all"}
    assert set(table["n"]) == {16}
    assert (table.loc[table["one"] == "good/full", "verdict"] == BETTER).all()


def test_one_training_has_no_verdict_and_no_p():
    table = study_contrasts(made(seeds=(0,)), PAIRS)
    assert (table["verdict"] == ONE_TRAINING).all()
    assert table["p"].isna().all()
    assert table["low"].iloc[0] > 0, "the interval of the patients is shown as what it is"
    one_side = pd.concat([made(seeds=(0,)), made(seeds=(1, 2)).query("method == 'good'")])
    assert (study_contrasts(one_side, PAIRS)["verdict"] == ONE_TRAINING).all()


def test_angles_are_judged_where_both_answer_them():
    angles = made(structure=ANGLES[0], metric=ANGLES[1], unit=ANGLES[2])
    table = study_contrasts(pd.concat([made(), angles], ignore_index=True), PAIRS[:1])
    found = table.set_index("metric")["verdict"]
    assert found["dice"] == BETTER
    assert found["smape"] == WORSE, "a larger error is worse"


def test_a_row_is_the_same_from_both_sides_and_on_every_page():
    own = made()
    table = study_contrasts(own, PAIRS)
    there = find_contrast(table, "phantom", Asked("good/full", "base/full", *DICE))
    back = find_contrast(table, "phantom", Asked("base/full", "good/full", *DICE))
    assert (back["mean"], back["low"]) == pytest.approx((-there["mean"], -there["high"]))
    assert (there["verdict"], back["verdict"]) == (BETTER, WORSE)
    page = pair_contrasts(table, own, "phantom", PAIRS, *DICE)
    assert page["p_holm"].tolist() == pytest.approx(table.loc[table["metric"] == "dice", "p_holm"].tolist())
    assert page.attrs["left out"] == ["base/full - nobody/full"]
    spread = patient_differences(own, page)
    assert spread["good/full - base/full"].mean() == pytest.approx(page["mean"].iloc[0])


def test_what_nobody_named_is_shown_without_a_verdict():
    own = made()
    line = contrasts_of(study_contrasts(own, PAIRS[:1]), own, "phantom", [Asked("good/full", "fair/full", *DICE)])
    assert line["verdict"].tolist() == [NOT_NAMED]
    assert line["mean"].iloc[0] == pytest.approx(0.04, abs=0.01)
    assert np.isnan(line["p_holm"].iloc[0])
    assert contrasts_of(study_contrasts(own, []), own, "phantom", [Asked("good/full", "no/full", *DICE)]).empty


def test_films_with_near_duplicates_in_training_are_left_out_and_that_is_said():
    own = made()
    own.loc[own["patient"] == "p0", "near_duplicate"] = "other"
    row = study_contrasts(own, PAIRS).iloc[0]
    assert row["n"] == 15
    assert row["subset"] == ALONE
    assert study_contrasts(made(), PAIRS)["subset"].iloc[0] == WHOLE


def test_pairs_on_data_that_only_one_was_tested_on_are_no_contrast():
    own = made()
    other = own[own["method"] == "good"].assign(dataset="other", method="far")
    both = pd.concat([own, other])
    table = study_contrasts(both, [["good/full", "far/full"], ["far/full", "farther/full"]])
    assert table.empty
    page = pair_contrasts(table, both, "phantom", [["good/full", "far/full"], ["far/full", "farther/full"]], *DICE)
    assert page.attrs["left out"] == ["good/full - far/full"]


def test_trainings_that_vary_more_than_methods_stay_open():
    own = made(seeds=(0, 1))
    shift = {(m, s): x for m, pair in {"good": (0.1, -0.1), "base": (-0.1, 0.1)}.items() for s, x in enumerate(pair)}
    own["value"] += [shift.get((m, s), 0.0) for m, s in zip(own["method"], own["seed"], strict=True)]
    assert study_contrasts(own, PAIRS[:1])["verdict"].iloc[0] == OPEN
