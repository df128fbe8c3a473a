"""Which network loses least on worse images, and where all of them break."""

from spinelib.report.answers.robust import robust_answers
from tests.report.answers.made import NAMES, board, evidence


def rows(severity, **losses):
    """losses: by corruption, those of the first two networks."""
    about = {"dataset": "d", "severity": severity, "n": 4}
    return [
        {**about, "condition": kind, "name": name, "loss": loss}
        for kind, pair in losses.items()
        for name, loss in zip(NAMES, pair, strict=False)
    ]


def test_where_they_break_is_told_and_nobody_is_called_the_most_robust(tmp_path):
    table = rows(3, dose=(0.1, 0.3), contrast=(0.0, 0.0), own_kind=(0.5, 0.7)) + rows(5, dose=(0.9, 0.9))
    table += [{**table[0], "name": "released/film", "loss": 0.99}, {**table[0], "name": NAMES[2], "loss": None}]
    least = "The worst damage: own_kind. Which network loses least cannot be told: "
    for trainings, verdict in ((1, f"{least}every network was trained once"), (2, f"{least}no comparison")):
        (answer,) = robust_answers(evidence(tmp_path, [board()], trainings, losses=table))
        assert answer.verdict.startswith(verdict)
        assert not answer.told
    assert answer.found[0].endswith("on average over 2 networks: own_kind 60%, low dose 20%, veil 0%.")
    assert answer.found[1].startswith(
        "In these trainings U-Net loses least over 3 kinds of damage (20.0%), PLU-Net most"
    )
    assert answer.on.endswith("made worse on purpose (severity 3 of 5).")


def test_the_worst_severity_speaks_where_the_middle_was_not_asked(tmp_path):
    (answer,) = robust_answers(evidence(tmp_path, [board()], losses=rows(2, dose=(0.1, 0.3))))
    assert "severity 2 of 5" in answer.on
    assert list(robust_answers(evidence(tmp_path / "none", [board()]))) == []
