"""The Cobb angles of a published study: of every film where that is published, else the boards alone."""

from __future__ import annotations

from spinelib.core.layout import ANGLE_TABLE, COBB_TABLE, StudyFolder
from spinelib.questions.cobb.angles import REFERENCE_ENTRY, ReadAngles, StudyAngles, coronal_rows, read_rows
from spinelib.questions.cobb.guess import GUESS_ENTRY, learned_answers, unlearned_answers
from spinelib.runs.published import StudyTables

QUESTION = "40_cobb"
BOARDS_ONLY = "has no angles of single films among what is published"


def kept_angles(study: StudyTables) -> StudyAngles:
    """The angles of a published study by data set, without films and maps; of other people's films there are none."""
    path = StudyFolder(study.folder).question(QUESTION).root / ANGLE_TABLE
    sets: dict[str, ReadAngles] = {}
    for dataset, own in read_rows(path).groupby("dataset", sort=False) if path.exists() else ():
        floor, guess = (own[own["name"] == name] for name in (REFERENCE_ENTRY, GUESS_ENTRY))
        entries = own[~own["name"].isin([REFERENCE_ENTRY, GUESS_ENTRY])]
        unlearned = unlearned_answers(coronal_rows(entries), coronal_rows(guess))
        sets[str(dataset)] = ReadAngles(learned_answers(entries, unlearned), floor, guess, unlearned)
    boards = study.kept(QUESTION, COBB_TABLE)
    others = {str(name) for board in boards for name in board["dataset"]} - set(sets)
    return StudyAngles(sets, dict.fromkeys(sorted(others), BOARDS_ONLY))
