"""Words that all answers share."""

from spinelib.report.answers.answer import UseAnswer, all_of, counted_of


def test_names_are_listed_whole_and_nouns_counted():
    assert [all_of(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [counted_of(number, "patient") for number in (0, 1, 2)] == ["0 patients", "1 patient", "2 patients"]


def test_an_answer_is_untold_unless_said():
    assert not UseAnswer("Outlines", "Cannot be told.").told
