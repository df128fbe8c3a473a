"""Power and numbers of patients against Cohen, statsmodels and simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from spinelib.statistics.power import (
    equivalence_power,
    patients_for_equivalence,
    patients_needed,
    power_of,
    power_table,
    smallest_effect,
)


class TestPower:
    @pytest.mark.parametrize(("effect", "patients"), [(0.2, 199), (0.5, 34), (0.8, 15)])
    def test_cohens_effects(self, effect, patients):
        assert patients_needed(effect) == patients
        assert patients_needed(-effect) == patients

    @pytest.mark.parametrize(("effect", "n"), [(0.1, 20), (0.5, 10), (0.3, 150)])
    def test_equals_statsmodels(self, effect, n):
        assert power_of(effect, n) == pytest.approx(TTestPower().power(effect, n, 0.05), abs=1e-9)

    def test_smallest_effect_inverts_it(self):
        assert power_of(smallest_effect(64), 64) == pytest.approx(0.8)
        assert smallest_effect(64, comparisons=10) > smallest_effect(64)
        assert smallest_effect(1) == patients_needed(0) == np.inf

    def test_equivalence_power_in_simulation(self):
        noise = np.random.default_rng(1)
        d = noise.normal(0.1, 1, (50, 4000))
        error = d.std(0, ddof=1) / 50**0.5
        shown = np.abs(d.mean(0)) + stats.t.isf(0.05, 49) * error < 0.5
        assert equivalence_power(0.5, 50, 0.1) == pytest.approx(shown.mean(), abs=0.025)
        n = patients_for_equivalence(0.5, 0.1)
        assert equivalence_power(0.5, int(n), 0.1) >= 0.8 > equivalence_power(0.5, int(n) - 1, 0.1)
        assert patients_for_equivalence(0.5, 0.5) == np.inf

    def test_the_table_has_the_power_of_every_effect_and_size(self):
        table = power_table([0.2, 0.5], [10, 34], comparisons=2)
        assert table[["effect", "n"]].to_numpy().tolist() == [[0.2, 10], [0.2, 34], [0.5, 10], [0.5, 34]]
        assert table["power"].iloc[-1] == pytest.approx(TTestPower().power(0.5, 34, 0.025))
        assert power_of(0.5, 1) == 0
