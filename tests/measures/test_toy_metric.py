"""A metric that is one function and one entry stands in every table by itself."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from spinelib import protocol
from spinelib.core.structures import STRUCTURES
from spinelib.measures.metric import Kind, Metric
from spinelib.measures.registry import METRICS
from spinelib.measures.tables import COLUMNS, score_maps
from spinelib.measures.volumes import volume_rows
from spinelib.questions import compare
from spinelib.questions.compare.text import leaderboards
from spinelib.report.index import write_index
from spinelib.runs.tables import complete
from spinelib.statistics import comparison
from tests.conftest import make_cases

TOY = "toy_area"
VOLUME = np.zeros((3, 24, 16), np.uint8)
for k in range(len(STRUCTURES)):
    VOLUME[:, k : k + 2, 4:12] = k + 1


def area(pair, unit):
    """Area of the prediction over that of the reference."""
    return pair.prediction.sum() / pair.reference.sum()


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    entry = Metric(TOY, "Toy area", False, "predicted area over true area", function=area, penalty=7.0)
    monkeypatch.setitem(METRICS, TOY, entry)


def films():
    data = make_cases(count=6)
    data.table["patient"] = data.table["case"]
    return data.table.assign(view="coronal", split="test", near_duplicate=""), data


def film_rows(method, width):
    """Case rows of films whose prediction is `width` columns wider than the truth; the last one is missed."""
    about, data = films()
    data.table[list(about)] = about
    predictions = data.labels.copy()
    for _ in range(width):
        predictions |= np.roll(predictions, 1, axis=2)
    predictions[-1] = 0
    return complete(score_maps(predictions, data), identity(method, "films"), "cases.csv")


def case_rows_of_volumes(method, shift):
    about = {"split": "test", "view": "sagittal", "near_duplicate": ""}
    rows = [
        {**about, "case": f"v{i}", "patient": f"v{i}", **row}
        for i in range(3)
        for row in volume_rows(np.roll(VOLUME, shift, axis=2), VOLUME, STRUCTURES, (4.0, 1.0, 1.0))
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).assign(condition="none", severity=0)
    return complete(frame, identity(method, "volumes"), "cases.csv")


def identity(method, dataset):
    about = {"study": "s", "run": f"{dataset}-{method}", "dataset": dataset, "trained_on": dataset, "method": method}
    return {**about, "variant": "full", "recipe": "common", "width": 1.0, "seed": 0, "fold": 0}


@pytest.fixture
def cases():
    parts = [film_rows("unet", 1), film_rows("r2mfnet", 2), case_rows_of_volumes("safnet", 1)]
    return pd.concat(parts, ignore_index=True)


def toy_rows(rows, **where):
    found = rows[rows["metric"] == TOY]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def test_it_has_a_row_for_every_case_and_a_penalty_where_the_structure_was_missed(cases):
    rows = toy_rows(cases, method="unet").set_index("case")
    assert rows["unit"].unique().tolist() == ["1"]
    assert (rows["value"] > 1).all()
    assert rows.loc["case5", ["value", "status"]].tolist() == [7.0, "empty_prediction"]
    assert len(rows) == 6
    of_volumes = toy_rows(cases, dataset="volumes")
    assert {"L5", "L4/L5", "vertebrae", "discs", "all"} <= set(of_volumes["structure"])


def test_the_summary_and_a_runs_scores_have_it(cases):
    summary = toy_rows(comparison.summarise(cases), dataset="films")
    assert summary["n"].tolist() == [6, 6]
    scores = protocol.score_table(cases)
    assert scores[TOY].notna().all()
    assert scores.columns[-1] == TOY


def test_the_boards_of_the_comparison_have_it_and_know_its_direction(cases, tmp_path):
    summary = comparison.summarise(cases)
    for dataset, structure in (("films", "spine"), ("volumes", "all")):
        assert compare.board_metrics(summary, dataset, structure)[-1] == (TOY, "1")
        assert TOY in compare.full_board(summary, dataset, structure).columns.get_level_values(1)
    means = compare.board(summary, "films", "spine", TOY, "1", "all").set_index("name")["mean"]
    assert list(means.index) == ["unet/full", "r2mfnet/full"]
    assert means.iloc[0] < means.iloc[1]
    cases.to_csv(tmp_path / "cases.csv", index=False)
    assert TOY in leaderboards(tmp_path)


def test_the_index_shows_it_beside_its_usual_columns_and_explains_it(cases, tmp_path):
    comparison.summarise(cases).to_csv(tmp_path / "summary.csv", index=False)
    html = write_index(tmp_path).read_text(encoding="utf-8")
    boards = re.findall(r'<table class="board">.*?</table>', html, re.DOTALL)
    assert len(boards) == 4
    for board in boards:
        for heading in ("Toy area</abbr> ↓", "Dice</abbr> ↑", "HD95</abbr> ↓", "NSD</abbr> ↑", "ASSD</abbr> ↓"):
            assert heading in board
    words = html.partition("Words used here")[2]
    line = next(row for row in re.findall(r"<dt>.*?</dd>", words, re.DOTALL) if TOY in row)
    for said in ("Toy area", "0 to 1", "Lower is better", "predicted area over true area"):
        assert said in line


def test_a_metric_of_counts_of_pixels_is_also_pooled(monkeypatch):
    entry = Metric("toy_found", "Toy", True, "pixels found", Kind.PIXELS, lambda tp, fp, fn, tn: tp + 0 * tn)
    monkeypatch.setitem(METRICS, "toy_found", entry)
    rows = film_rows("unet", 0)
    values = rows[rows["metric"] == "toy_found"]["value"]
    (pooled,) = rows[rows["metric"] == "toy_found_pooled"]["value"]
    assert math.isclose(pooled, values.sum())
    assert pooled == make_cases(count=6).labels[:5].sum()
