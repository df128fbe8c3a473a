"""The steps of a study, from images to comparisons."""

from spinelib.report.conduct import Conduct
from spinelib.report.steps import protocol_steps
from spinelib.runs.scorings import ScoredSet
from tests.report.answers.made import board

RECORD = {"parameters": {"seed": 1, "width": 0.25, "epochs": 3}, "facts": {"training": {"seconds": 70, "steps": 9}}}


def conduct(*most):
    sets = [ScoredSet("d", "test", 9, 1, one, one, (), False) for one in most]
    return Conduct(sets, [], [], [])


def test_every_step_says_what_it_was_here():
    steps = protocol_steps({"d": 64, "gone": 0}, {"a": RECORD}, [board(), board(dataset="v")], conduct(1), 7)
    assert [step.title for step in steps] == ["Images", "Split by patient", "Train", "Test", "Compare"]
    words = [step.words for step in steps]
    assert words[0] == "d: 64 images"
    assert words[1] == "d: 12 patients tested; v: 12 patients tested"
    assert words[2].startswith("1 training, width 0.25, epochs 3, steps 9")
    assert words[2].endswith("seeds 1")
    assert words[3].endswith("every run scored its test cases once")
    assert words[4] == "7 comparisons named beforehand"


def test_what_was_scored_twice_is_not_called_scored_once_and_empty_steps_are_left_out():
    (step,) = [one for one in protocol_steps({}, {}, [board()], conduct(2), 0) if one.title == "Test"]
    assert step.words == "outlines and angles against the reference"
    assert protocol_steps({}, {}, [], conduct(), 0) == []
