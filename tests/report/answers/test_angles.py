"""Which network comes nearest to the Cobb angles of the reference."""

from spinelib.report.answers.angles import angle_answers
from spinelib.statistics.contrast_verdicts import BETTER
from tests.report.answers.made import NAMES, board, contrasts, evidence


def rows(*pairs):
    """pairs: name, route and SMAPE; the largest angle is off by half of it."""
    found = []
    for name, route, smape in pairs:
        row = {"dataset": "d", "near_duplicate": "all", "rank": 1.0, "name": name, "route": route, "patients": 12}
        for metric, mean in (("smape", smape), ("cobb_error", smape / 2)):
            row |= {metric: mean, f"{metric}_low": mean - 1, f"{metric}_high": mean + 1}
        found.append(row)
    return found


# In another order than that of the answer: the page may have been ordered by another score.
TABLE = rows(
    ("reference masks", "mask", 2.0),
    (NAMES[1], "network", 9.0),
    ("released/film", "mask", 4.0),
    (NAMES[0], "mask", 8.0),
)


def test_trained_once_nothing_is_told_and_degrees_are_said(tmp_path):
    (answer,) = angle_answers(evidence(tmp_path, [board()], cobb=TABLE))
    assert answer.verdict.startswith("Cannot be told: every network was trained once")
    assert answer.found[0].startswith("In these trainings U-Net (read from its outline) has the lowest mean SMAPE")
    assert "8.0 [7.0, 9.0] %; the last of 2 readings, PLU-Net (read from no outline" in answer.found[0]
    assert "off by 4.0 [3.0, 5.0]°" in answer.found[0]
    assert "Read from the reference outlines, angles are off by 1.0°" in answer.found[1]
    assert answer.found[-1].startswith("Beside them Released network, film")
    assert answer.on.endswith("Of films in several views those taken standing (coronal).")
    assert answer.link == "#q"


def test_a_contrast_by_this_score_tells(tmp_path):
    known = contrasts((*NAMES[:2], -1.0, BETTER), metric="smape", structure="angles")
    (answer,) = angle_answers(evidence(tmp_path, [board()], 2, cobb=TABLE, contrasts=known))
    assert (answer.verdict, answer.told) == ("U-Net comes nearest to the Cobb angles of the reference.", True)
    known = contrasts((*NAMES[:2], -1.0, BETTER))
    (answer,) = angle_answers(evidence(tmp_path, [board()], 2, cobb=TABLE, contrasts=known))
    assert not answer.told


def test_one_network_alone_is_no_best_and_a_released_one_is_called_by_its_name_on_all_data(tmp_path):
    table = rows(("released/film_from_films", "mask", 4.0))
    (answer,) = angle_answers(evidence(tmp_path, [board()], cobb=table))
    assert answer.verdict == "Nothing is compared: Released network, film alone was tested."
    assert answer.found[0].startswith("Released network, film (read from its outline) has a mean SMAPE")


def test_a_study_without_angles_has_no_answer(tmp_path):
    assert list(angle_answers(evidence(tmp_path, [board()]))) == []
    masks = [row for row in TABLE if "/" not in row["name"]]
    assert list(angle_answers(evidence(tmp_path, [board()], cobb=masks))) == []
