"""What a finished study found, as text for a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.questions.compare.boards import (
    full_board,
    holds_volumes,
    recipes,
    study_cases,
    text_structures,
)
from spinelib.questions.compare.contrasts import DICE, study_contrasts
from spinelib.questions.compare.repeats import repeat_summary, repeat_tables
from spinelib.questions.compare.volume_tables import volume_words
from spinelib.questions.compare.words import SHOWN
from spinelib.runs.kinds import boards_by_kind
from spinelib.runs.learned import unlearned_runs, unlearned_words
from spinelib.statistics import comparison


def leaderboards(results: Path | str) -> str:
    """What a finished study found, as text: every leaderboard, the comparisons named beforehand, the repeat labels.

    Raises BadInput when no run of the study has finished.
    """
    cases = study_cases(results)
    summary = comparison.summarise(cases)
    parts = []
    unlearned = unlearned_runs(results)
    for dataset in map(str, cases["dataset"].unique()):
        volumes = holds_volumes(cases, dataset)
        for structure in text_structures(cases, dataset):
            parts += _board_words(summary, dataset, structure)
        parts += volume_words(cases, summary, dataset) if volumes else []
        parts += unlearned_words(unlearned, cases, dataset)
    record = StudyFolder(Path(results)).question("90_compare").record
    pairs = json.loads(record.read_text(encoding="utf-8"))["parameters"]["comparisons"] if record.exists() else []
    family = study_contrasts(cases, pairs)
    for name, own in family[family["metric"] == DICE[0]].groupby("dataset", sort=False):
        parts += [f"{name}: named contrasts, Dice", own[SHOWN].round(4).to_string(index=False)]
    for data, table in repeat_tables(results).items():
        parts += [f"{data}: two label sets of the same film", repeat_summary(table).to_string()]
    return "\n\n".join(parts)


def _board_words(summary: pd.DataFrame, dataset: str, structure: str) -> list[str]:
    kind, form = ("volumes", "mean ± sd") if holds_volumes(summary, dataset) else ("films", "mean")
    parts = []
    for recipe in recipes(summary, dataset):
        for group, rows in boards_by_kind(summary, dataset, structure, recipe):
            about = f"{dataset}, {structure}, {recipe} recipe, {group}, test {kind}"
            parts += [f"{about}: {form} [95 % interval over patients]"]
            parts += [full_board(rows, dataset, structure, recipe).to_string()]
    return parts
