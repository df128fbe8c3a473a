"""Figures of verdicts are drawn from the tables they stand beside."""

import io

import matplotlib
import pandas as pd
from PIL import Image

from spinelib.runs.figures import is_plot
from spinelib.study.recompute import judged
from spinelib.study.recompute.figures import anew_figures
from tests.study.recompute.made import CLAIM, COST, MEAN, PART, TEST

matplotlib.use("agg")


def test_the_tally_and_the_parts_are_drawn_under_the_names_of_their_notebooks():
    claims, parts = judged.judged_claims(pd.DataFrame([CLAIM, COST])), judged.judged_parts(pd.DataFrame([PART]))
    contrasts = judged.judged_differences(pd.DataFrame([TEST]), "d", pd.DataFrame([MEAN | {"view": "coronal"}]))
    drawn = anew_figures(claims, parts, contrasts)
    assert sorted(drawn) == [
        "questions/35_ablation/figures/parts_d_r2mfnet_common_0p25_spine_dice.png",
        "questions/60_significance/figures/forest_d.png",
        "questions/70_claims/figures/claims_d_dice.png",
        "questions/70_claims/figures/tally.png",
    ]
    assert all(is_plot(png) and Image.open(io.BytesIO(png)).width > 300 for png in drawn.values())
    assert anew_figures() == {}
