"""Values by patient and training, and what counts as a training."""

import numpy as np
import pandas as pd

from spinelib.questions.compare.entry_values import (
    DROP,
    DROP_CONTRAST,
    WORST_VIEW,
    entry_values,
    training_names,
    value_limits,
)
from tests.questions.compare.case_rows import case_rows


def rows(views=("coronal",), **facts):
    return pd.DataFrame(case_rows("unet", "real", 0.8, views=views)).query("metric == 'dice'").assign(name="u", **facts)


def test_films_of_a_patient_are_averaged_by_training():
    table = entry_values(pd.concat([rows(("a", "b")), rows(("a", "b"), seed=1, value=0.5)]))
    assert table.shape == (6, 2)
    np.testing.assert_allclose(table["u"].to_numpy()[:2], [[0.80, 0.5], [0.81, 0.5]])


def test_the_worst_view_of_each_patient_is_the_smallest_dice_and_the_largest_error():
    both = pd.concat([rows(("a",)), rows(("b",), value=0.1)])
    assert (entry_values(both, WORST_VIEW) == 0.1).all().all()
    assert (entry_values(both.assign(metric="hd95"), WORST_VIEW) >= 0.8).all().all()


def test_a_drop_is_what_corrupted_films_differ_by():
    blur, window = (rows(condition=name, severity=3, value=x) for name, x in (("blur", 0.2), ("window", 0.4)))
    every = pd.concat([rows(value=0.8), blur, window])
    np.testing.assert_allclose(entry_values(every, DROP), -0.5)
    np.testing.assert_allclose(entry_values(every, DROP_CONTRAST), -0.4)


def test_folds_that_share_out_the_patients_are_one_training_and_repeated_ones_are_several():
    own = rows()
    shared = own.assign(fold=np.arange(len(own)) % 3)
    assert set(training_names(shared)) == {"0"}
    repeated = pd.concat([own, own.assign(fold=1)])
    assert set(training_names(repeated)) == {"0/0", "0/1"}


def test_a_drop_may_be_a_gain_and_any_other_value_lies_within_the_metric():
    assert value_limits("dice", "1") == value_limits("dice", "1", WORST_VIEW) == (0, 1)
    assert value_limits("dice", "1", DROP) == (-1, 1)
