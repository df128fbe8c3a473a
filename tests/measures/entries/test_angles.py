"""Entries of angle errors: what `cobb.table` computes under these names, in degrees or per cent."""

import numpy as np
import pandas as pd

from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.entries.angles import ANGLE_BY_ANGLE, OF_ANGLES
from spinelib.measures.metric import Kind, Table


def test_every_entry_is_an_error_that_is_computed_per_film():
    computed = image_errors(np.array([[30.0, 20, 10]]), np.array([[32.0, 20, 16]]))
    assert {entry.name for entry in (*OF_ANGLES, *ANGLE_BY_ANGLE)} - {"mae_an1", "mae_an2", "mae_an3"} <= set(computed)
    assert {entry.kind for entry in OF_ANGLES} == {Kind.ANGLES}
    assert not any(entry.higher_is_better for entry in (*OF_ANGLES, *ANGLE_BY_ANGLE))


def test_units_are_degrees_but_for_the_relative_error():
    units = {entry.name: entry.unit for entry in (*OF_ANGLES, *ANGLE_BY_ANGLE)}
    assert units.pop("smape") == "%"
    assert set(units.values()) == {"deg"}


def test_columns_of_the_angle_table_have_a_place_each():
    places = pd.Series([entry.shown[Table.ANGLES].place for entry in (*OF_ANGLES, *ANGLE_BY_ANGLE)])
    assert sorted(places) == [1, 2, 3, 4, 5, 6, 7]
