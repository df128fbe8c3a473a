"""The machinery in simulation: what must hold, what is known to fail, and that the verdicts say so."""

import numpy as np
import pandas as pd
import pytest

from spinelib.statistics.calibration import (
    COLUMNS,
    broken_promises,
    calibrate,
    like,
    monte_carlo_error,
    ranking,
    wide,
    with_verdicts,
)
from spinelib.statistics.intervals import DEFAULT_INTERVAL


@pytest.fixture(scope="module")
def table():
    return calibrate([10, 20], ["normal", "swapped", "skewed", "both miss 3%"], repetitions=1500, replicates=299)


def share(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return table["value"].item()


class TestCalibration:
    @pytest.mark.parametrize("tool", ["t", "permutation"])
    @pytest.mark.parametrize("n", [10, 20])
    def test_tests_keep_five_per_cent(self, table, tool, n):
        # Half a point and three Monte Carlo errors of 0.34 points.
        for shape in ("normal", "swapped"):
            assert share(table, kind="rejection", tool=tool, shape=shape, n=n) == pytest.approx(0.05, abs=0.015)

    def test_students_interval_covers_what_its_test_does_not_reject(self, table):
        for n in (10, 20):
            rejected = share(table, kind="rejection", tool="t", shape="skewed", n=n)
            assert share(table, kind="coverage", tool="t", shape="skewed", n=n) == pytest.approx(1 - rejected, abs=1e-9)

    def test_what_is_known_to_fail(self, table):
        assert share(table, kind="coverage", tool="bca", shape="normal", n=20) < 0.94
        assert share(table, kind="coverage", tool="bca", shape="both miss 3%", n=20) < 0.9
        assert share(table, kind="rejection", tool="t", shape="skewed", n=20) > 0.06
        assert share(table, kind="rejection", tool="wilcoxon", shape="skewed", n=20) > 0.1

    def test_the_default_covers_best(self, table):
        order = ranking(table)
        assert order["tool"].iloc[0] == DEFAULT_INTERVAL
        assert order["least"].is_monotonic_decreasing
        assert order["least"].iloc[0] > 0.93
        assert set(order["tool"].iloc[-2:]) == {"bca", "percentile"}

    def test_verdicts_name_what_is_off(self, table):
        judged = with_verdicts(table)
        chosen = judged[(judged["shape"] == "skewed") & (judged["n"] == 20)].set_index(["kind", "tool"])["verdict"]
        assert chosen["rejection", "wilcoxon"] == "rejects too often"
        assert chosen["coverage", "percentile"] != "holds"
        made = pd.DataFrame({"kind": ["rejection", "rejection", "coverage"], "value": [0.0505, 0.073, 0.98]})
        made = made.assign(error=0.002, used=[True, True, False], n=[8, 8, 8])
        assert with_verdicts(made)["verdict"].tolist() == ["holds", "unclear", "covers too much"]
        assert broken_promises(with_verdicts(made))["verdict"].tolist() == ["unclear"]
        assert broken_promises(with_verdicts(made.assign(n=5))).empty

    def test_columns_and_text(self, table):
        assert list(table.columns) == COLUMNS
        assert len(table) == 4 * 2 * (4 + 6)
        assert wide(table, "coverage").shape == (24, 2)
        assert " ± " in wide(table, "rejection").iloc[0, 0]

    def test_a_cell_does_not_depend_on_the_others(self):
        alone = calibrate([12], ["swapped"], 200, replicates=99)
        among = calibrate([10, 12], ["normal", "swapped"], 200, replicates=99)
        chosen = among[(among["shape"] == "swapped") & (among["n"] == 12)]
        pd.testing.assert_frame_equal(alone, chosen.reset_index(drop=True))

    def test_differences_that_were_seen(self):
        """Symmetric around a mean of 7, which must not matter: the flips keep 5 %, and BCa covers less than t."""
        seen = np.random.default_rng(5).exponential(size=20)
        found = like({"seen": np.r_[seen, -seen] + 7}, 1000, replicates=499)
        assert share(found, kind="rejection", tool="permutation") == pytest.approx(0.05, abs=0.022)
        assert share(found, kind="coverage", tool="bca") < share(found, kind="coverage", tool="t")
        assert set(found["n"]) == {40}

    def test_errors_and_wrong_input(self):
        assert monte_carlo_error(0.05, 20_000) == pytest.approx(0.00154, abs=1e-5)
        assert monte_carlo_error(0.0, 100) > 0
        with pytest.raises(ValueError, match="shapes among"):
            calibrate([10], ["odd"])


def test_differences_that_never_vary_have_no_shape():
    seen = {"equal": np.zeros(6), "constant": np.full(6, 0.1), "varied": np.arange(6.0)}
    rows = like(seen, repetitions=20, replicates=20)
    assert set(rows["shape"]) == {"varied"}
