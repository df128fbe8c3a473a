"""How good the test images are, and the scores of the poor and the good ones."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")
from spinelib.questions.robustness import quality


def test_quality_measures_what_it_is_named_after():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:80, :60]
    film = 128 + 60 * np.sin(x / 6) * np.sin(y / 9)
    base, noisy = quality.quality_of(film), quality.quality_of(film + rng.normal(0, 8, film.shape))
    assert noisy["noise"] == pytest.approx(8 / 255, rel=0.1)
    assert base["noise"] < 0.1 * noisy["noise"]
    soft = quality.quality_of(128 + 60 * np.sin(x / 12) * np.sin(y / 18))
    assert soft["sharpness"] < 0.5 * base["sharpness"]
    faint = quality.quality_of(128 + 20 * np.sin(x / 6) * np.sin(y / 9))
    assert faint["contrast"] == pytest.approx(base["contrast"] / 3, rel=0.02)
    assert faint["sharpness"] == pytest.approx(base["sharpness"], rel=0.02)
    assert quality.quality_of(film + 50)["exposure"] == pytest.approx(base["exposure"] + 50 / 255, abs=0.01)
    padded = np.pad(film, ((0, 0), (20, 20)))
    assert quality.quality_of(padded) == pytest.approx(base)
    assert quality.quality_of(np.stack([film, padded[:, 20:80], 0 * film])) == pytest.approx(base)
    assert np.isnan(quality.quality_of(0 * film)["noise"])


ASKED = {"dataset": "d", "split": "test", "condition": "none", "severity": 0, "structure": "spine", "metric": "dice"}
ASKED |= {"unit": "1"}


def test_thirds_hold_equal_shares_and_their_scores():
    names = [f"c{k}" for k in range(9)]
    table = pd.DataFrame({"case": names, "patient": names, "view": "coronal"})
    table = table.assign(**{m: np.arange(9.0) for m in quality.MEASURES})
    rows = table[["case", "patient"]].assign(name="a", value=np.arange(9) / 10, **ASKED, status="ok")
    found = quality.by_stratum(rows, table)
    assert found["stratum"].tolist() == ["low", "middle", "high"] * 4
    assert found["mean"].tolist() == pytest.approx([0.1, 0.4, 0.7] * 4)
    assert found[["n", "from", "to"]].iloc[1].tolist() == [3, 3, 5]
    missed = rows.assign(name="b", value=0.0, status="empty_prediction")
    both = quality.by_stratum(pd.concat([rows, missed]), table).set_index(["name", "measure", "stratum"])
    first = ("a", next(iter(quality.MEASURES)), "high")
    alone = found.set_index(["name", "measure", "stratum"]).loc[first]
    assert both.loc[first, "low"] < alone["low"], "where another entry misses spines, this one may, too"
