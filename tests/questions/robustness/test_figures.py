"""What corrupted images cost: what is drawn where."""

import matplotlib as mpl
import pytest

mpl.use("Agg")
from matplotlib import pyplot as plt

from spinelib.corruptions import CORRUPTIONS
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation, figures
from tests.questions.robustness.made import GRID, HIT, THREE, made


def test_figures_draw_what_they_are_given(study, measured):
    tested, _, rows = measured
    titles = {name: entry.title for name, entry in CORRUPTIONS.items()}
    kept = degradation.losses(rows)
    losses, scale = figures.loss_map(kept, 5, titles).axes
    assert [text.get_text() for text in losses.get_yticklabels()] == ["U-Net", "PLU-Net"]
    assert [text.get_text() for text in losses.get_xticklabels()] == [titles[n] for n in kept["condition"].unique()]
    assert len(losses.texts) == 2 * 3
    assert scale.get_ylabel() == "share of Dice lost"
    drawn = figures.severity_curves(
        degradation.severity_means(rows), titles, {name: e.range for name, e in CORRUPTIONS.items()}
    )
    assert drawn.axes[0].get_title().startswith("inverted greys")
    assert [line.get_xdata().tolist() for line in drawn.axes[0].lines] == [[0, 1, 5]] * 2
    assert drawn.axes[0].get_xlabel() == "severity (0: clean)"
    assert drawn.get_supylabel() == "mean Dice"
    made_rows = made(THREE | HIT)
    assert len(figures.order_dots(degradation.rank_stability(made_rows, 3), titles).axes[0].texts) == 2
    worst = degradation.worst_cases(rows, 5)
    shown = robustness.worst_shown(worst, tested, study / "data", device="cpu")
    sheet = robustness.sheet(tested[0], study / "data", list(CORRUPTIONS.values()), 3, 0)
    for cases in (shown, sheet):
        assert figures.case_gallery(cases).get_size_inches()[0] == pytest.approx(6.4)
    taken = robustness.quality_table(study / "data" / "phantom", GRID, rows["case"].unique())
    strata = robustness.by_stratum(robustness.clean_dice(study), taken)
    assert len(figures.quality_strata(strata, robustness.MEASURES).axes) == 4
    plt.close("all")
