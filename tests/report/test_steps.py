"""The steps of a study, from images to comparisons."""

import re
from pathlib import Path

from spinelib.report.conduct import Conduct
from spinelib.report.steps import banner_words, protocol_steps
from spinelib.runs.scorings import ScoredSet
from spinelib.study.schema import load_study_file
from tests.report.answers.made import board

STUDIES = Path(__file__).parents[2] / "studies"
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


def test_a_banner_takes_its_steps_from_the_records():
    other = {"facts": {"training": {"steps": 1200}}}
    assert banner_words("One seed", {"a": RECORD, "b": other}) == "One seed. 9 to 1\u202f200 training steps a network"
    assert banner_words("One seed", {"a": RECORD, "b": {"facts": None}}) == "One seed. 9 training steps a network"
    assert banner_words("One seed", {}) == "One seed"
    assert banner_words("", {"a": RECORD}) == ""


def test_no_study_tells_beforehand_how_long_it_trains():
    told = {path.stem: load_study_file(path).get("banner", "") for path in STUDIES.glob("*.yaml")}
    assert len(told) > 15
    assert [name for name, banner in told.items() if re.search(r"\d[\d,]* (training )?(steps|epochs)", banner)] == []


def test_what_was_scored_twice_is_not_called_scored_once_and_empty_steps_are_left_out():
    (step,) = [one for one in protocol_steps({}, {}, [board()], conduct(2), 0) if one.title == "Test"]
    assert step.words == "outlines and angles against the reference"
    assert protocol_steps({}, {}, [], conduct(), 0) == []
