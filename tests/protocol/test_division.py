"""Division by patient: sides that are apart, folds, views, fewer films."""

from dataclasses import replace

import numpy as np
import pytest

from spinelib import protocol
from spinelib.core.errors import BadInput
from tests.protocol.made import arrays
from tests.protocol.made_volumes import GRID


def test_patients_stay_on_one_side_and_every_patient_validates_once():
    data = arrays()
    held = []
    for fold in range(3):
        division = protocol.divide(data, fold, 3)
        sides = [set(data.table["patient"][part]) for part in (division.train, division.validation)]
        assert not sides[0] & sides[1]
        assert not (sides[0] | sides[1]) & set(data.table.query("split == 'test'")["patient"])
        held += sorted(sides[1])
    assert sorted(held) == sorted(data.table.query("split == 'train'")["patient"].unique())


def test_the_split_has_a_name_that_depends_on_it_alone():
    data = arrays()
    assert protocol.divide(data, 0, 3).digest == protocol.divide(data, 0, 3).digest
    assert protocol.divide(data, 0, 3).digest != protocol.divide(data, 1, 3).digest


def test_views_restrict_both_sides():
    data = arrays()
    division = protocol.divide(data, 0, 3, views=["coronal"])
    assert set(data.table["view"][np.r_[division.train, division.validation]]) == {"coronal"}


def test_fewer_films_are_whole_patients_and_lie_within_a_larger_choice():
    data = arrays()
    everything, few, more = (protocol.divide(data, 0, 3, films=count) for count in (0, 1, 4))
    patients = data.table["patient"]
    assert set(few.train) < set(more.train) < set(everything.train)
    assert len(few.train) >= 1
    for part in (few.train, more.train):
        assert set(np.flatnonzero(patients.isin(patients[part]))) == set(part)
    assert list(few.validation) == list(everything.validation)
    assert len({each.digest for each in (everything, few, more)}) == 3
    with pytest.raises(BadInput, match="training films"):
        protocol.divide(data, 0, 3, films=len(everything.train) + 1)


def test_a_patient_on_both_sides_of_the_split_is_refused():
    data = arrays()
    table = data.table.assign(patient=data.table["patient"].replace("p0", "p5"))
    with pytest.raises(BadInput, match="p5"):
        protocol.divide(replace(data, table=table), 0, 3)


@pytest.mark.parametrize(("words", "reason"), [({"fold": 3}, "3 of 3"), ({"views": ["lateral"]}, "lateral")])
def test_an_impossible_division_says_why(words, reason):
    with pytest.raises(BadInput, match=reason):
        protocol.divide(arrays(), **{"fold": 0, "count": 3, **words})


def test_an_unknown_scheme_and_a_bad_fold_are_named(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match="'crss' is not known"):
        protocol.divide(arrays, 0, 5, scheme="crss")
    with pytest.raises(BadInput, match="5 of 5"):
        protocol.divide(arrays, 5, 5, scheme="cross")
