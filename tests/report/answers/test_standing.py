"""Who may stand first, by the verdicts of the contrasts alone."""

import pytest

from spinelib.report.answers.standing import (
    ALONE,
    FIRST,
    NOTHING,
    ONCE,
    TOGETHER,
    UNASKED,
    UNTOLD,
    Standing,
    standing_of,
    sure_words,
    verdict_words,
)
from spinelib.statistics.contrast_verdicts import BETTER, NOT_NAMED, ONE_TRAINING, OPEN, WORSE
from tests.report.answers.made import NAMES, contrasts

A, B, C = NAMES


@pytest.mark.parametrize(
    ("rows", "trainings", "why", "first"),
    [
        ([], 1, ONCE, NAMES),
        ([], 3, UNASKED, NAMES),
        ([(A, B, 0.1, ONE_TRAINING), (A, C, 0.2, ONE_TRAINING)], 1, ONCE, NAMES),
        ([(A, B, 0.1, NOT_NAMED)], 3, UNASKED, NAMES),
        ([(A, B, 0.1, BETTER), (C, A, -0.2, WORSE)], 3, FIRST, [A]),
        ([(A, B, 0.1, OPEN), (A, C, 0.2, BETTER)], 3, TOGETHER, [A, B]),
        # The best mean is not first where the contrast says otherwise, and C was never judged
        ([(A, B, -0.1, WORSE)], 3, TOGETHER, [B, C]),
        ([(A, B, 0.1, OPEN)], 3, TOGETHER, NAMES),
        ([(A, B, 1, BETTER), (B, C, 1, BETTER), (C, A, 1, BETTER)], 3, TOGETHER, NAMES),
    ],
)
def test_only_verdicts_put_an_entry_behind_another(rows, trainings, why, first):
    found = standing_of(NAMES, contrasts(*rows), trainings)
    assert (found.why, found.first) == (why, first)
    assert sorted(found.first + found.behind) == sorted(NAMES)
    assert found.told == (why == FIRST or (why == TOGETHER and first != NAMES))


def test_contrasts_with_others_say_nothing():
    rows = contrasts((A, "safnet/full", 0.1, BETTER), ("safnet/full", B, 0.1, BETTER))
    assert standing_of(NAMES, rows, 3).why == UNASKED


def test_where_nothing_was_learned_nobody_is_first():
    found = standing_of(NAMES, contrasts((A, B, 0.1, BETTER), (A, C, 0.1, BETTER)), 3, nothing=True)
    assert found.why == NOTHING
    assert verdict_words(found, "outlines best") == "Cannot be told: no network has learned anything here."
    assert sure_words(found) == ""


def test_verdicts_are_sentences_with_names():
    first = standing_of(NAMES, contrasts((A, B, 0.1, BETTER), (A, C, 0.2, BETTER)), 3)
    assert verdict_words(first, "outlines best") == "U-Net outlines best."
    assert sure_words(first).startswith(
        "2 comparisons named beforehand, 2 with a verdict, over patients and 3 trainings"
    )
    group = standing_of(NAMES, contrasts((A, B, 0.1, OPEN), (A, C, 0.2, BETTER)), 3)
    assert verdict_words(group, "") == "Cannot be told apart: U-Net and PLU-Net. Behind: PSPNet."
    once = standing_of(NAMES, contrasts((A, B, 0.1, ONE_TRAINING)), 1)
    assert verdict_words(once, "").startswith("Cannot be told: every network was trained once")
    assert sure_words(once).startswith("1 comparison named beforehand, none with a verdict")
    several = standing_of(NAMES, contrasts((A, B, 0.1, NOT_NAMED)), 3)
    assert "one training" in sure_words(once)
    assert sure_words(several) == "1 comparison named beforehand, none with a verdict."
    assert sure_words(standing_of(NAMES, contrasts(), 3)).endswith("each was trained at least 3 times.")
    alone = standing_of([A], contrasts(), 3)
    assert (alone.why, verdict_words(alone, "")) == (ALONE, "Nothing is compared: U-Net alone was tested.")


@pytest.mark.parametrize("why", UNTOLD)
def test_a_verdict_among_others_names_what_cannot_be_told(why):
    found = Standing(why, ["unet/full", "plunet/full"], [])
    reason = UNTOLD[why]
    assert verdict_words(found, "loses least") == f"Cannot be told: {reason}"
    among = verdict_words(found, "loses least", among_others=True)
    assert among == f"Which network loses least cannot be told: {reason}"
