"""Thresholds at stated rates, and a gate from measured rows."""

import numpy as np
import pandas as pd
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.making import AS_LIKELY, FLATTEST, LIKELY_NONE, UNSURE, calibration_line, make_gate, thresholds
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


def test_what_is_rather_wrong_than_right_is_never_simply_ok():
    rows = measured()
    own = make_gate(FILM_ANSWER, rows, "abc", {})
    judged = with_outcomes(own, rows[rows["kind"] == "film"])
    ok = judged[judged["status"] == "ok"]
    assert own.unsure == UNSURE
    assert ok["confidence"].min() >= UNSURE
    assert 0 < len(ok) < len(judged)
    assert (ok["error"] <= 5).mean() > (judged[judged["status"] != "ok"]["error"] <= 5).mean() + 0.2


def sure_and_right(count, slope, shift, seed):
    """Chances, and whether they were right where the truth is steeper or flatter than they say."""
    draw = np.random.default_rng(seed)
    logit = draw.normal(0, 2, count)
    right = draw.uniform(size=count) < 1 / (1 + np.exp(-slope * logit - shift))
    return 1 / (1 + np.exp(-logit)), right


def test_a_calibration_finds_how_sure_answers_ought_to_be():
    assert calibration_line([sure_and_right(20000, 1.0, 0.0, 0)]) == pytest.approx((1, 0), abs=0.06)
    assert calibration_line([sure_and_right(20000, 0.4, 0.7, 1)]) == pytest.approx((0.4, 0.7), abs=0.06)


def test_groups_of_a_calibration_count_the_same_however_large():
    few, many = sure_and_right(4000, 0.4, 0.7, 2), sure_and_right(40000, 1.0, 0.0, 3)
    both = calibration_line([few, many])
    assert both == pytest.approx(calibration_line([few, tuple(part[:4000] for part in many)]), abs=0.06)
    assert 0.5 < both[0] < 0.9


def test_a_calibration_never_turns_the_order_of_answers():
    assert calibration_line([sure_and_right(2000, -0.5, 0.0, 4)])[0] == FLATTEST


def test_real_films_calibrate_how_sure_a_gate_is_and_nothing_else():
    rows = measured()
    films = rows[rows["kind"] == "film"]
    # On real ones everything is read better than the signs say.
    real = films.assign(kind=FILM_ANSWER.real, readable=True, unseen=True, error=films["error"] / 3)
    plain, own = make_gate(FILM_ANSWER, rows, "a", {}), make_gate(FILM_ANSWER, rows, "a", {}, real)
    assert (own.readable, own.refuse, own.doubt) == (plain.readable, plain.refuse, plain.doubt)
    assert own.made["calibrated"]["real"] == len(real)
    values = films[list(own.sure.names)]
    assert own.sure.chance(values).mean() > plain.sure.chance(values).mean() + 0.05
    assert (np.argsort(own.sure.chance(values)) == np.argsort(plain.sure.chance(values))).all()
    # Real pictures that show no spine have no error, and say nothing.
    none = real.assign(error=np.nan)
    assert make_gate(FILM_ANSWER, rows, "a", {}, none) == plain
