"""Analyses that reject too often: how much too often, and that their counterparts do not."""

import numpy as np
import pytest

from spinelib.statistics.wrong_analysis_rates import inflated, wrong_analyses


class TestWrongAnalyses:
    def test_they_reject_too_often_and_their_counterparts_do_not(self):
        found = wrong_analyses([20, 64], 3000).set_index(["analysis", "n"])["rejection"]
        for n in (20, 64):
            # 3 films with correlation 0.5: the design effect is 2; 3 seeds with 0.8: 2.6.
            assert found["images as independent", n] == pytest.approx(inflated(n, 3, 0.5), abs=0.03)
            assert found["seeds as cases", n] == pytest.approx(inflated(n, 3, 0.8), abs=0.03)
            assert found["plain t over folds", n] > 0.5
            for name in ("films averaged per patient", "seeds averaged per patient", "corrected t over folds"):
                assert found[name, n] == pytest.approx(0.05, abs=0.02)

    def test_the_design_effect(self):
        assert inflated(50, 1, 0.5) == pytest.approx(0.05)
        assert inflated(50, 3, 0.5) == pytest.approx(0.1658, abs=1e-4)
        assert np.isclose(inflated(50, 4, 0.0), 0.05)
