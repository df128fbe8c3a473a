"""Every notebook of the repository, end to end, through the study engine: data, runs, questions, tables, pages."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from spinelib.core.structures import SEVENTEEN_GROUP, STRUCTURES
from spinelib.runs.tables import CASE_COLUMNS, read_cases
from spinelib.study import read_study

from .crowding import watched

HOME = Path(__file__).parents[1]
# nnU-Net's own package is no part of the environment.
NOTEBOOKS = {path.stem for path in (HOME / "notebooks").glob("*.ipynb")} - {"21_nnunet"}
STUDY = read_study(HOME / "studies" / "smoke.yaml", "")
CROWDED = "crowded.jsonl"


def study(folder, *words):
    command = [sys.executable, "-m", "spinelib", "study", "run", "smoke", "--cores", "2", *words]
    facts = {"env": watched(folder / CROWDED), "capture_output": True, "text": True, "timeout": 900, "check": False}
    return subprocess.run(command, cwd=folder, **facts)


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smoke")
    for name in ("notebooks", "studies"):
        shutil.copytree(HOME / name, folder / name)
    (folder / CROWDED).touch()
    done = study(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def reports(smoke):
    return smoke / "reports" / "smoke"


def test_every_notebook_of_the_repository_ran(reports):
    ran = {
        json.loads(path.read_text())["metadata"]["papermill"]["input_path"] for path in reports.rglob("notebook.ipynb")
    }
    assert {Path(name).stem for name in ran} == NOTEBOOKS


def test_a_study_that_is_up_to_date_does_nothing(smoke, reports):
    before = {path: path.stat().st_mtime_ns for path in reports.rglob("run.json")}
    done = study(smoke)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path: path.stat().st_mtime_ns for path in reports.rglob("run.json")} == before


def test_the_tables_keep_the_contract(reports):
    cases = read_cases(reports / "cases.csv")
    assert list(cases.columns) == CASE_COLUMNS
    films, volumes = (cases[cases["dataset"] == name] for name in ("phantom", "phantom_mr"))
    levels = {*(f"T{k}" for k in range(1, 13)), *(f"L{k}" for k in range(1, 6))}
    assert {"spine", "angles", "corners", "vertebrae", *levels} == set(films["structure"])
    assert {*STRUCTURES, "vertebrae", "discs", "all", SEVENTEEN_GROUP} == set(volumes["structure"])
    outlines = {"dice", "iou", "hd95", "assd", "nsd", "boundary_f1", "dice_pooled"}
    assert outlines | {"smape", "cobb_error"} <= set(cases["metric"])
    assert {"coronal", "left_bending", "right_bending"} == set(films["view"]) - {"all"}
    assert {"level_shift", "dice_unshifted"} <= set(volumes["metric"])
    assert set(cases.loc[cases["value"].isna(), "status"]) <= {"absent"}
    # A film in which no vertebra was met has no Dice of those that were.
    assert set(films.loc[films["value"].isna(), "metric"]) <= {"dice_identified", "dice_identified_pooled"}
    summary = pd.read_csv(reports / "summary.csv")
    assert {"mean", "low", "high", "n", "missing", "unit"} <= set(summary.columns)


def test_test_patients_are_never_trained_on(reports):
    cases = read_cases(reports / "cases.csv")
    for name, own in cases.groupby("dataset"):
        manifest = pd.read_csv(reports / "data" / name / "manifest.csv")
        scored = set(own["patient"]) - {"all"}
        assert scored == set(manifest.query("split == 'test'")["patient"])
        assert not scored & set(manifest.query("split == 'train'")["patient"])


def test_every_run_leaves_its_record_weights_and_predictions(reports):
    folders = [path.parent for path in reports.glob("runs/*/run.json")]
    assert {folder.name for folder in folders} == set(STUDY.runs)
    for folder in folders:
        record = json.loads((folder / "run.json").read_text())
        assert record["parameters"]["seed"] == 0
        data = record["parameters"]["trained_on"]
        assert record["facts"]["data"][data]["digest"]
        assert record["versions"]["torch"]
        assert (folder / "model.safetensors").exists() == ("masks" not in record["facts"])
        assert (folder / "predictions" / f"{data}.npz").exists()
        # A released network learned elsewhere: its record says from what, and holds no division and no history.
        elsewhere = {"released", "masks"} & set(record["facts"])
        assert elsewhere == {"released", "masks"} & {record["parameters"]["method"]}
        assert (folder / "history.csv").exists() == (not elsewhere)
        assert all(record["facts"][name] for name in elsewhere or {"split_digest"})


def test_every_page_stands_alone(reports):
    pages = [reports / "index.html", *reports.rglob("report.html")]
    assert len(pages) == 1 + len(STUDY.runs) + len(STUDY.questions)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']+\.(?:js|css|woff2?|png|svg)""", text)
        assert "<script src" not in text


def test_every_figure_has_a_caption(reports):
    for folder in reports.rglob("figures"):
        captions = json.loads((folder / "captions.json").read_text())
        assert {path.stem for path in folder.glob("*.png")} == set(captions)
        assert all(text.endswith(".") for text in captions.values())


def test_the_words_of_every_figure_can_be_read(smoke):
    assert (smoke / CROWDED).read_text(encoding="utf-8") == ""
