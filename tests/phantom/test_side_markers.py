import pytest

from spinelib.phantom.clutter import WORDS
from spinelib.phantom.side_markers import OTHER_SIDE, at_its_side


@pytest.mark.parametrize("word", sorted({*WORDS, *OTHER_SIDE.values()}))
def test_the_left_is_at_the_right_of_a_film_and_other_words_stand_anywhere(word):
    at_left, at_right = at_its_side(word, 0.1), at_its_side(word, 0.9)
    if word in OTHER_SIDE:
        assert (at_left[0], at_right[0]) == ("R", "L")
        assert at_left[1:] == at_right[1:] == word[1:]
    else:
        assert at_left == at_right == word
        assert word[0] not in "LR"


def test_the_other_of_the_other_is_the_word():
    assert {OTHER_SIDE[other]: OTHER_SIDE[word] for word, other in OTHER_SIDE.items()} == OTHER_SIDE
