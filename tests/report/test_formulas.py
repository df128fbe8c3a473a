"""Formulas as outlines."""

import pytest

from spinelib.report.formulas import formula


def test_a_formula_keeps_its_words_for_those_who_cannot_see_it():
    svg = formula(r"\text{Dice} = \frac{2a}{b}", block=True)
    assert 'aria-label="\\text{Dice} = \\frac{2a}{b}"' in svg
    assert svg.startswith('<div class="formula-block">')


@pytest.mark.parametrize("tex", ["~", "{" * 300, r"\frac{", "x^", r"\frac{1}{" * 40 + "2" + "}" * 40])
def test_what_cannot_be_set_is_shown_as_it_was_written(tex):
    assert formula(tex) == f"<code>{tex}</code>"
