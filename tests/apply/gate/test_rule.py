"""Logistic regression on signs: it finds what was planted, says what speaks against a row, and reads itself back."""

import numpy as np
import pytest

from spinelib.apply.gate.rule import Rule


def planted(count=400):
    """Signs of which the first decides, and the second too, but in either direction."""
    draw = np.random.default_rng(0)
    values = draw.normal(size=(count, 3))
    answers = (values[:, 0] > -1) & (np.abs(values[:, 1]) < 2)
    return values, answers


def test_a_rule_finds_what_decides_in_one_direction_and_in_both():
    values, answers = planted()
    rule = Rule.fit(("a", "b", "c"), values, answers, answers, 0.1)
    chance = rule.chance(values)
    assert (chance[answers].mean(), chance[~answers].mean()) == pytest.approx((0.97, 0.1), abs=0.1)
    far = rule.chance([[0, 4, 0], [0, -4, 0], [0, 0, 0]])
    assert far[:2].max() < 0.3 < 0.9 < far[2]


def test_probabilities_are_calibrated_on_what_they_were_fitted_to():
    values, _ = planted(2000)
    answers = np.random.default_rng(1).uniform(size=2000) < 1 / (1 + np.exp(-2 * values[:, 0]))
    chance = Rule.fit(("a", "b", "c"), values, answers, np.ones(2000, bool), 0.1).chance(values)
    for low in (0.1, 0.4, 0.7):
        some = (chance > low) & (chance < low + 0.2)
        assert answers[some].mean() == pytest.approx(chance[some].mean(), abs=0.06)


def test_even_rules_let_both_answers_count_the_same():
    answers = np.random.default_rng(1).uniform(size=500) < 0.1
    values, good = np.random.default_rng(2).normal(size=(500, 1)), np.ones(500, bool)
    plain, even = (Rule.fit(("a",), values, answers, good, 1.0, even=even).chance([[0.0]])[0] for even in (False, True))
    assert plain == pytest.approx(0.1, abs=0.05)
    assert even == pytest.approx(0.5, abs=0.1)


def test_the_sign_that_is_far_off_speaks_against_a_row():
    values, answers = planted()
    rule = Rule.fit(("a", "b", "c"), values, answers, answers, 0.1)
    assert int(np.argmax(rule.against([-5.0, 0.0, 0.0]))) == 0
    assert int(np.argmax(rule.against([0.5, 5.0, 0.0]))) == 1


def test_a_rule_is_read_back_as_it_was_and_nothing_else_is_one():
    values, answers = planted()
    rule = Rule.fit(("a", "b", "c"), values, answers, answers, 0.1)
    assert Rule.of(rule.record()) == rule
    for wrong in ({**rule.record(), "weights": [1.0]}, {**rule.record(), "names": []}):
        with pytest.raises(ValueError, match="do not fit"):
            Rule.of(wrong)
    with pytest.raises(ValueError, match="both answers"):
        Rule.fit(("a", "b", "c"), values, np.ones(len(values)), answers, 0.1)


def test_a_stretched_rule_has_a_flatter_logit():
    values, answers = planted()
    # Answers that are nearly certain have logits that end at CERTAIN.
    rule = Rule.fit(("a", "b", "c"), values, answers, answers, 5.0)
    logit, flat = (np.log(one.chance(values) / (1 - one.chance(values))) for one in (rule, rule.stretched(0.5, 1.0)))
    assert flat == pytest.approx(0.5 * logit + 1, abs=1e-6)
    assert rule.stretched(1.0, 0.0) == rule
