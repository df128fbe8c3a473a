"""What a study will cost is said before it starts, for every study and scale."""

import re
from math import isnan
from pathlib import Path

import pandas as pd
import pytest

from spinelib.literature.claims import STUDIES as PAPERS
from spinelib.models import METHODS
from spinelib.study import driver
from spinelib.study import forecast as module
from spinelib.study.forecast import (
    CORE_RATES,
    JOB_SECONDS,
    QUESTION_SECONDS,
    counted_runs,
    expected_seconds,
    forecast,
    waiting,
)
from spinelib.study.plan import read_study

ROOT = Path(__file__).parents[2]
QUICK = ROOT / "reports" / "published" / "quick" / "runs.csv"


def known(job):
    """Whether the catalogue has what a run trains."""
    given = job.parameters
    recipe = given["recipe"] in ("common", "published" if METHODS[given["method"]].published else "")
    return given["variant"] in METHODS[given["method"]].variants and (recipe or METHODS[given["method"]].published)


@pytest.mark.parametrize("scale", ["", "small"])
@pytest.mark.parametrize("name", PAPERS)
def test_what_a_study_costs_is_said_of_all_that_the_catalogue_has(name, scale, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / f"{name}.yaml", "", scale)
    first, second, *left = forecast(study)
    assert re.match(rf"{len(study.runs)} runs, [\d.e+]+ operations, three forward passes", first)
    assert "of a card at 20 TFLOP/s (assumed), or" in first
    assert re.match(r"disk: about [\d.e+]+ [GM]B; memory", second)
    missing = sum(int(line.rpartition(": ")[2].split()[0]) for line in left)
    assert missing == sum(not known(job) for job in study.runs.values())
    assert waiting(study) == list(study.runs.values())
    assert forecast(study, []) == []


def test_a_pipeline_tells_the_memory_of_its_hungriest_stage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / "spinefm_paper.yaml")
    jobs = [study.runs[f"phantom_lateral-{name}-s0-f0"] for name in ("unet-full", "spinefm-full")]
    alone, both = (forecast(study, some)[1].partition("memory of a step: ")[2] for some in (jobs[:1], jobs))
    assert re.match(r"[\d.]+ GB [(]unet/full, batch 8, ", alone)
    # Four global attentions of 4,096 places in 12 heads, for each of 32 patches: 26 GB a square of weights and more.
    assert "(spinefm/full, segmenter, batch 32, " in both
    assert float(both.split()[0]) > 4 * 26


def test_a_step_that_does_not_fit_is_told_before_it_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / "spinefm_paper.yaml")
    job = study.runs["phantom_lateral-unet-full-s0-f0"]
    told = forecast(study, [job])[1]
    step = float(re.search(r"memory of a step: ([\d.]+) GB", told)[1])

    def said(card, machine=1e9):
        monkeypatch.setattr(module, "card_bytes", lambda: card)
        monkeypatch.setattr(module, "hardware", lambda: {"memory_gib": machine})
        return forecast(study, [job])[1].partition("bfloat16)")[2]

    assert said(2e9 * step) == said(0) == ""
    assert re.fullmatch(r"; the smallest card here has [\d.]+ GB: it fits in bfloat16 at most", said(0.7e9 * step))
    assert (
        said(1e9) == "; the smallest card here has 1 GB: IT DOES NOT FIT, and such a run fails here for want of memory"
    )
    assert said(0, 1.0).startswith("; this machine has 1.07 GB, and no card: IT DOES NOT FIT")


def test_data_that_nobody_has_counted_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / "chest.yaml", "some/folder")
    chosen = [job for job in study.runs.values() if job.parameters["method"] == "pspnet"]
    assert forecast(study, chosen)[-1] == "not counted, chest is not prepared yet: 2 runs"


def test_every_run_has_seconds_that_it_is_expected_to_take(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / "spinefm_paper.yaml", "", "small")
    jobs = list(study.runs.values())
    expected = expected_seconds(study, jobs, counted_runs(study, jobs)[0])
    assert expected.keys() == {*study.runs, *study.questions}
    assert {expected[name] for name in study.questions} == {QUESTION_SECONDS}
    assert all(seconds >= JOB_SECONDS for seconds in expected.values())
    counted = [expected[job.id] for job in study.runs.values() if known(job)]
    left = [expected[job.id] for job in study.runs.values() if not known(job)]
    assert left == pytest.approx([sum(counted) / len(counted)] * len(left))
    chest = read_study(ROOT / "studies" / "chest.yaml", "some/folder")
    run = next(iter(chest.runs.values()))
    assert isnan(expected_seconds(chest, [run], counted_runs(chest, [run])[0])[run.id])


def test_a_core_is_as_fast_as_in_study_quick():
    runs = pd.read_csv(QUICK)
    runs = runs[runs["flops"].notna() & runs["batch"].gt(0)]
    done = 3 * runs["flops"] * runs["steps"] * runs["batch"]
    rates = done.groupby(runs["method"]).sum() / runs.groupby("method")["seconds"].sum()
    assert {"r2mfnet", "unet", "safnet"} <= set(rates.index)
    for method, rate in rates.items():
        assert 0.5 * CORE_RATES[method] < rate < 2 * CORE_RATES[method], method


@pytest.mark.parametrize("name", PAPERS)
def test_a_papers_study_at_small_scale_takes_twenty_minutes_of_a_core(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(ROOT / "studies" / f"{name}.yaml", "", "small")
    jobs = list(study.runs.values())
    assert sum(expected_seconds(study, jobs, counted_runs(study, jobs)[0]).values()) <= 20 * 60


def test_a_study_says_its_cost_before_anything_of_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(driver, "_bring", lambda *_: print("here it runs") or 0)
    assert driver.run_study(ROOT / "studies" / "spinefm_paper.yaml", 1, scale="small") == 0
    first, cost, disk, runs, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("SpineFM by its published program's recipe (small scale): 13 runs, 6 questions")
    assert cost.startswith("  13 runs, ")
    assert disk.startswith("  disk: about")
    assert runs == "here it runs"
