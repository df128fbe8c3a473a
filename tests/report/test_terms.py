"""Words that are told once."""

from spinelib.report.terms import DIGITAL, TERMS, study_terms


def test_the_digital_patient_is_told_where_it_is_in_the_data():
    assert study_terms({"data": {"p": "dataset phantom_mr, patients 3"}}) == [DIGITAL, *TERMS]
    assert study_terms({"data": {"phantom": "dataset aasce, source $DATA"}}) == list(TERMS)
    assert study_terms({}) == list(TERMS)


def test_no_word_is_told_twice_and_each_meaning_is_a_sentence():
    words = [word for word, _ in (DIGITAL, *TERMS)]
    assert len(set(words)) == len(words)
    assert all(meaning.endswith(".") for _, meaning in (DIGITAL, *TERMS))
