"""Formulas as outlines."""

from spinelib.report.formulas import formula


def test_a_formula_keeps_its_words_for_those_who_cannot_see_it():
    svg = formula(r"\text{Dice} = \frac{2a}{b}", block=True)
    assert 'aria-label="\\text{Dice} = \\frac{2a}{b}"' in svg
    assert svg.startswith('<div class="formula-block">')
