"""Thresholds at stated rates, and a gate from measured rows."""

import numpy as np
import pandas as pd
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.making import AS_LIKELY, LIKELY_NONE, make_gate, thresholds
from spinelib.apply.gate.outcomes import with_outcomes

from .gates import GOOD


def measured(count=300):
    """Films with 17 bodies, right where these stand alone; drawings with few; and unseen ones that would mislead."""
    draw = np.random.default_rng(0)
    rows = []
    for k in range(count):
        alone = draw.uniform()
        signs = GOOD | {"bodies": draw.normal(17, 0.5), "alone": alone, "bend": draw.normal(3, 0.3)}
        facts = {"kind": "film", "patient": f"p{k}", "readable": True, "unseen": False, "answered": True}
        rows.append(signs | facts | {"error": draw.gamma(2, 1 + 6 * (1 - alone))})
        drawn = {"kind": "noise", "readable": False, "error": np.nan}
        rows.append(signs | facts | drawn | {"bodies": draw.normal(8, 2), "unseen": k % 10 == 0})
    return pd.DataFrame(rows).astype({"readable": object})


def test_thresholds_lie_at_their_rates_and_never_beyond_what_is_as_likely_as_not():
    low = np.linspace(0, 1, 1001)
    assert thresholds(low) == pytest.approx((0.005, 0.03))
    assert thresholds(np.full(100, 0.99)) == (LIKELY_NONE, AS_LIKELY)


def test_a_gate_tells_films_from_drawings_and_ranks_errors():
    rows = measured()
    own = make_gate(FILM_ANSWER, rows, "abc", {"seeds": 1})
    judged = with_outcomes(own, rows)
    films, drawings = judged[judged["kind"] == "film"], judged[judged["kind"] == "noise"]
    assert (films["status"] == "refused").mean() <= 0.01
    assert (drawings["status"] == "ok").mean() < 0.02
    assert films["confidence"].corr(films["error"]) < -0.3
    assert films["confidence"].mean() == pytest.approx((films["error"] <= 5).mean(), abs=0.05)
    assert (own.weights, own.made) == ("abc", {"seeds": 1})


def test_no_rule_sees_what_is_kept_for_testing():
    rows = measured()
    other = rows.assign(bodies=np.where(rows["unseen"].astype(bool), 17.0, rows["bodies"]))
    assert make_gate(FILM_ANSWER, rows, "a", {}) == make_gate(FILM_ANSWER, other, "a", {})


def test_good_films_alone_make_no_gate():
    rows = measured()
    with pytest.raises(ValueError, match="both answers"):
        make_gate(FILM_ANSWER, rows[rows["kind"] == "film"], "abc", {})
