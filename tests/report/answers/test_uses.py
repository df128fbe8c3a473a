"""All answers of a study, in the order in which people ask."""

from spinelib.report.answers import study_answers
from tests.report.answers import test_angles, test_cost, test_robust
from tests.report.answers.made import NAMES, board, evidence


def test_every_use_has_an_answer_in_its_place(tmp_path):
    boards = [board(dataset="v", structure="all"), board()]
    costs = test_cost.rows((NAMES[0], 1, 0.9), (NAMES[1], 2, 0.7))
    losses = test_robust.rows(3, dose=(0.1, 0.3))
    found = study_answers(evidence(tmp_path, boards, cobb=test_angles.TABLE, frontier=costs, losses=losses))
    uses = [
        "Which network for outlines on films (spine, d)?",
        "Which network for Cobb angles (d)?",
        "Which network for outlines in MR volumes (v)?",
        "Which network is cheapest (films, d)?",
        "Where do networks break (films, d)?",
    ]
    assert [answer.use for answer in found] == uses


def test_what_was_not_asked_has_no_answer(tmp_path):
    assert study_answers(evidence(tmp_path, [])) == []


def test_another_run_of_the_same_command_has_the_same_verdicts(tmp_path):
    verdicts = []
    for number, names in enumerate((NAMES, NAMES[::-1])):
        costs = test_cost.rows(*((name, 1 + NAMES.index(name), 0.9 - 0.1 * i) for i, name in enumerate(names)))
        losses = test_robust.rows(3, dose=(0.1, 0.3)[:: 1 - 2 * number])
        angles = test_angles.rows(*((name, "mask", 8.0 + i) for i, name in enumerate(names)))
        made = evidence(tmp_path / str(number), [board(names)], cobb=angles, frontier=costs, losses=losses)
        verdicts.append([answer.verdict for answer in study_answers(made)])
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == 4
