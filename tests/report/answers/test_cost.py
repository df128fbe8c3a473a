"""Which network is cheapest: by counting, among whole methods."""

from spinelib.report.answers.cost import cost_answers
from tests.report.answers.made import NAMES, board, evidence

COUNTED, MEASURED = "GMACs", "core-seconds in all"


def rows(*lines, price=COUNTED):
    about = {"dataset": "d", "recipe": "common", "price": price, "metric": "dice"}
    return [{**about, "name": name, "cost": cost, "score": score} for name, cost, score in lines]


def test_the_fewest_multiply_adds_and_what_they_cost_in_overlap(tmp_path):
    table = rows((NAMES[0], 3.0, 0.9), (NAMES[1], 1.5, 0.7), ("unet/no_skip", 0.1, 0.9), ("released/film", 0.1, 0.9))
    table += rows((NAMES[0], 20.4, 0.9), (NAMES[1], 30.0, 0.7), price=MEASURED)
    (answer,) = cost_answers(evidence(tmp_path, [board()], frontier=table))
    assert answer.verdict == "PLU-Net needs the fewest multiply-adds for one image: 1.5 billion."
    assert answer.told
    assert answer.found == [
        "U-Net needs 2.0 times as many.",
        "Its mean Dice, 0.700, is 0.200 below the highest, that of U-Net.",
        "Shortest training: U-Net, 20 seconds of one core.",
    ]


def test_the_cheapest_may_have_the_highest_mean(tmp_path):
    (answer,) = cost_answers(evidence(tmp_path, [board()], frontier=rows((NAMES[0], 1, 0.9), (NAMES[1], 2, 0.7))))
    assert answer.found[1] == "It also has the highest mean Dice of these trainings, 0.900."


def test_one_network_or_none_is_not_compared(tmp_path):
    assert list(cost_answers(evidence(tmp_path, [board()]))) == []
    assert list(cost_answers(evidence(tmp_path, [board()], frontier=rows((NAMES[0], 1, 0.9))))) == []
