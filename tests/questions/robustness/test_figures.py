"""What corrupted images cost: what is drawn where."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from matplotlib import pyplot as plt

from spinelib.corruptions import CORRUPTIONS
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation, figures
from spinelib.questions.robustness.predict import score
from tests.questions.robustness.made import GRID, HIT, THREE, made


def test_figures_draw_what_they_are_given(study, measured):
    tested, _, rows = measured
    titles = {name: entry.title for name, entry in CORRUPTIONS.items()}
    kept = degradation.losses(rows)
    assert len(figures.loss_map(kept, 5, titles).axes[0].texts) == 2 * 3
    drawn = figures.severity_curves(
        degradation.severity_means(rows), titles, {name: e.range for name, e in CORRUPTIONS.items()}
    )
    assert drawn.axes[0].get_title().startswith("negative")
    made_rows = made(THREE | HIT)
    assert len(figures.order_dots(degradation.rank_stability(made_rows, 3), titles).axes[0].texts) == 2
    worst = degradation.worst_cases(rows, 5)
    shown = robustness.worst_shown(worst, tested, study / "data", device="cpu")
    assert [case.title.split("\n")[0] for case in shown] == [titles[name] for name in worst["condition"]]
    for case, line in zip(shown, worst.itertuples(), strict=True):
        assert score(case.prediction, case.reference, np.array([True]), True)[0] == pytest.approx(line.value, abs=1e-6)
    sheet = robustness.sheet(tested[0], study / "data", list(CORRUPTIONS.values()), 3, 0)
    assert len(sheet) == 15
    for cases in (shown, sheet):
        assert figures.case_gallery(cases).get_size_inches()[0] == pytest.approx(6.4)
    taken = robustness.quality_table(study / "data" / "phantom", GRID, rows["case"].unique())
    strata = robustness.by_stratum(robustness.clean_dice(study), taken)
    assert len(figures.quality_strata(strata, robustness.MEASURES).axes) == 4
    plt.close("all")
