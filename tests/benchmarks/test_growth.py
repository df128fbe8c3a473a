"""Growth: an exponent is that of the sizes, every part can be laid out and measured, a published record is taken."""

import numpy as np
import pytest

from benchmarks import bench_growth as growth

SIZES = [10, 100, 1000]


@pytest.mark.parametrize(("power", "ratio"), [(1.0, 1.0), (2.0, 0.5)])
def test_the_exponent_is_the_power_and_the_intercept_what_one_takes(power, ratio, capsys):
    row = growth._fitted("seconds against films: x", SIZES, 0.003 * np.array(SIZES) ** power, "s")
    assert (row.ours, row.ratio) == pytest.approx((power, ratio))
    assert row.intercept == "3 ms"
    assert row.low <= row.ratio <= row.high


def test_the_spread_is_that_of_neighbouring_sizes(capsys):
    row = growth._fitted("memory against runs: x", SIZES, np.array([1.0, 10.0, 1000.0]), "MB")
    assert (row.low, row.high) == (0.5, 1.0)
    assert row.intercept.endswith(" kB")


@pytest.mark.parametrize("name", growth.OF_RUNS)
def test_every_part_of_a_study_runs_on_made_up_runs(name, tmp_path):
    make, call = growth.OF_RUNS[name]
    make(tmp_path, 5)
    call(tmp_path)


@pytest.mark.parametrize("name", growth.OF_FILMS)
def test_every_part_of_films_runs(name, tmp_path):
    make, call = growth.OF_FILMS[name]
    make(tmp_path, 6)
    call(tmp_path)


def test_made_up_runs_are_finished_ones(tmp_path):
    from spinelib.core.layout import StudyFolder
    from spinelib.runs.state import read_state

    growth._study(tmp_path, 3)
    assert [read_state(run).status for run in StudyFolder(tmp_path).all_runs.iterdir()] == ["finished"] * 3
