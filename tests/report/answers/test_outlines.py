"""Which network outlines best: the verdict of the contrasts, and what was seen beside it."""

from spinelib.report.answers.outlines import best_and_last, outline_answers
from spinelib.runs.kinds import STARTS
from spinelib.statistics.contrast_verdicts import BETTER, ONE_TRAINING
from tests.report.answers.made import NAMES, board, contrasts, evidence

A, B, C = NAMES


def test_trained_once_nothing_is_told_and_the_means_are_said_to_be_of_these_trainings(tmp_path):
    rows = contrasts((A, B, 0.1, ONE_TRAINING))
    (answer,) = outline_answers(evidence(tmp_path, [board()], contrasts=rows))
    assert (answer.use, answer.told) == ("Which network for outlines on films (spine, d)?", False)
    assert answer.verdict.startswith("Cannot be told: every network was trained once")
    assert answer.found[0].startswith("In these trainings U-Net has the highest mean Dice")
    assert "0.900 [0.850, 0.950]; PLU-Net is next, 0.100 below; PSPNet is the last of 3 with 0.700." in answer.found[0]
    assert "12 patients" in answer.on


def test_a_winner_is_named_with_its_margins_by_this_score_on_these_data_alone(tmp_path):
    rows = contrasts((A, B, 0.1, BETTER), (C, A, -0.2, "worse"))
    (answer,) = outline_answers(evidence(tmp_path, [board()], 2, contrasts=rows))
    assert (answer.verdict, answer.told) == ("U-Net outlines best.", True)
    assert answer.found[1:] == [
        "It lies 0.100 [0.090, 0.110] above PLU-Net.",
        "It lies 0.200 [0.190, 0.210] above PSPNet.",
    ]
    for other in ({"metric": "iou"}, {"dataset": "e"}, {"structure": "spine_column"}):
        rows = contrasts((A, B, 0.1, BETTER), (A, C, 0.1, BETTER), **other)
        (answer,) = outline_answers(evidence(tmp_path, [board()], 2, contrasts=rows))
        assert not answer.told


def test_what_learned_elsewhere_stands_beside_and_never_first(tmp_path):
    beside = board(["released/film", *NAMES], STARTS, top=0.99)
    (answer,) = outline_answers(evidence(tmp_path, [beside, board()]))
    assert answer.found[0].startswith("In these trainings U-Net")
    assert answer.found[-1].startswith("Beside them Released network, film reaches 0.990")


def test_nobody_is_crowned_where_nobody_learned(tmp_path):
    (answer,) = outline_answers(evidence(tmp_path, [board(nothing=True)], 2))
    assert answer.verdict == "Cannot be told: no network has learned anything here."
    assert answer.found == []


def test_volumes_have_an_answer_of_their_own(tmp_path):
    found = list(outline_answers(evidence(tmp_path, [board(), board(dataset="v", structure="all")])))
    assert [answer.use for answer in found] == [
        "Which network for outlines on films (spine, d)?",
        "Which network for outlines in MR volumes (v)?",
    ]
    assert list(best_and_last([])) == []
    (alone,) = outline_answers(evidence(tmp_path / "alone", [board(NAMES[:1])]))
    assert alone.found == [
        "U-Net has a mean Dice (the overlap with the reference outline, 0 none, 1 perfect) of 0.900 [0.850, 0.950]."
    ]
