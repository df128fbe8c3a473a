"""The Cobb angles of a published study."""

from pathlib import Path

import pytest

from spinelib.core.layout import ANGLE_TABLE, COBB_TABLE, PUBLISHED_STUDIES
from spinelib.questions import cobb
from spinelib.questions.cobb.kept import BOARDS_ONLY
from spinelib.runs.published import StudyTables

PUBLISHED = Path(__file__).parents[3] / "reports" / PUBLISHED_STUDIES


@pytest.fixture
def study():
    return StudyTables(PUBLISHED / "quick", True)


def test_boards_are_those_that_were_published(study):
    found = cobb.kept_angles(study)
    assert (list(found.sets), found.absent) == (["phantom"], {})
    board = cobb.angle_boards(found.sets["phantom"].rows)["all"].set_index(["name", "route"])["smape"]
    (table,) = study.kept("40_cobb", COBB_TABLE)
    ranked = table[table["rank"].notna()].set_index(["name", "route"])["smape"]
    assert board.to_dict() == pytest.approx(ranked.to_dict(), rel=1e-4)
    assert len(found.sets["phantom"].floor)


def test_of_other_peoples_films_only_boards_are_published():
    study = StudyTables(PUBLISHED / "aasce", True)
    assert not study.kept("40_cobb", ANGLE_TABLE)
    found = cobb.kept_angles(study)
    assert not found.sets
    assert found.absent["aasce"] == BOARDS_ONLY
