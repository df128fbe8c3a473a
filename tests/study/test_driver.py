"""A study from end to end: real Snakemake, real papermill, notebooks that need no torch."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from spinelib.cases.manifest import read_manifest
from spinelib.core.layout import KERNEL_LOCK
from spinelib.runs import lock
from spinelib.runs.tables import read_cases
from spinelib.statistics.comparison import summarise
from spinelib.study import driver
from tests.tiny import PARAMETERS, write_notebook

BEGIN = (
    "import time\nfrom pathlib import Path\nimport pandas as pd\nfrom spinelib import runs\nrun = runs.begin(globals())"
)
CASES = """films = pd.read_csv(run.manifest(trained_on))["case"]
rows = [{"dataset": trained_on, "split": "test", "case": case, "patient": case, "view": "coronal",
         "structure": "spine", "metric": "dice", "unit": "1", "value": 0.5 + seed / 10 + i / 100}
        for i, case in enumerate(films)]
run.cases(pd.DataFrame(rows))"""
WAIT = "while Path('../wait').exists() and seed == 1:\n    time.sleep(0.1)"
BREAK = "assert method not in broken, 'this method is broken'"


def make(root):
    """A copy of the repository's shape with two notebooks and four films."""
    rng = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (root / "films" / kind).mkdir(parents=True)
    for i in range(4):
        Image.fromarray(rng.integers(0, 255, (40, 20), np.uint8)).save(root / "films" / "images" / f"p{i}.png")
        mask = np.zeros((40, 20), np.uint8)
        mask[5:35, 8:12] = 1
        Image.fromarray(mask).save(root / "films" / "masks" / f"p{i}.png")
    parameters = PARAMETERS + "broken: list[str] = []\n"
    write_notebook(
        root / "notebooks" / "10_train.ipynb", "# Train?", parameters, BEGIN, BREAK, WAIT, CASES, "run.finish()"
    )
    read = 'table = pd.read_csv(results + "/cases.csv")\ntable.to_csv(run.folder / "copy.csv")\nlen(table)'
    asked = '# parameters\nout = "x"\nresults = ""\n'
    write_notebook(root / "notebooks" / "90_compare.ipynb", "# Which is better?", asked, BEGIN, read, "run.finish()")
    write_study(root)
    return root


def write_study(root, seeds=(0,), broken=("fcn8s",), methods=("unet", "fcn8s"), questions=("90_compare",)):
    given = {"notebook": "10_train", "trained_on": "films", "first": True}
    study = {
        "title": "Tiny study",
        "banner": "not for reading",
        "data": {"films": {"dataset": "folder", "source": "$DATA", "audit": False}},
        "runs": [
            {**given, "method": method, "seeds": list(seeds), "parameters": {"broken": list(broken)}}
            if method == "fcn8s"
            else {**given, "method": method, "seeds": list(seeds)}
            for method in methods
        ],
        "questions": list(questions),
    }
    (root / "studies").mkdir(exist_ok=True)
    (root / "studies" / "tiny.yaml").write_text(yaml.safe_dump(study))


def words(*more):
    return [sys.executable, "-m", "spinelib", "study", "run", "tiny", "--data", "films", "--cores", "2", *more]


def study(root, *more):
    return subprocess.run(words(*more), cwd=root, capture_output=True, text=True, check=False)


def times(root):
    found = (root / "reports" / "tiny").glob("*/*/run.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


UNET, BAD = "films-unet-full-s0-f0", "films-fcn8s-full-s0-f0"


@pytest.mark.slow
def test_a_study_with_a_failing_run_resumes_and_grows(tmp_path):
    root = make(tmp_path)
    reports = root / "reports" / "tiny"

    first = study(root)
    assert first.returncode == 1
    assert f"failed: {BAD}  AssertionError: this method is broken" in first.stdout
    assert "2 of 3 finished" in first.stdout
    before = times(root)
    assert set(before) == {UNET, "90_compare"}
    assert "this method is broken" in (reports / "runs" / BAD / "notebook.ipynb").read_text()
    assert "this method is broken" in (reports / "runs" / BAD / "report.html").read_text()
    index = (reports / "index.html").read_text()
    for word in (
        "Tiny study",
        "not for reading",
        "this method is broken",
        f"runs/{BAD}/report.html",
        "Which is better?",
    ):
        assert word in index
    assert len((reports / "cases.csv").read_text().splitlines()) == 1 + 4
    assert "unet" in (reports / "summary.csv").read_text()

    # mended, and with one more method: what had finished stays, the question is asked again
    write_study(root, broken=(), methods=("unet", "fcn8s", "plunet"))
    second = study(root)
    assert second.returncode == 0, second.stdout + second.stderr
    after = times(root)
    assert after[UNET] == before[UNET]
    assert set(after) == {UNET, BAD, "films-plunet-full-s0-f0", "90_compare"}
    assert after["90_compare"] > before["90_compare"]
    assert len((reports / "cases.csv").read_text().splitlines()) == 1 + 12
    assert "this method is broken" not in (reports / "index.html").read_text()

    # nothing to do: Snakemake is not even started
    log = (reports / "snakemake.log").stat().st_mtime_ns
    third = study(root)
    assert third.returncode == 0
    assert "4 of 4 finished" in third.stdout
    assert times(root) == after
    assert (reports / "snakemake.log").stat().st_mtime_ns == log

    # changed notebooks, as after a pull: what was trained stays, questions are asked again
    for path in (root / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["cells"][-1]["source"] = "".join(notebook["cells"][-1]["source"]) + "\n# changed"
        path.write_text(json.dumps(notebook))
    assert study(root).returncode == 0
    asked = times(root)
    assert asked.pop("90_compare") > after.pop("90_compare")
    assert asked == after


@pytest.mark.slow
def test_killed_in_the_middle_it_ends_with_the_same_tables(tmp_path):
    root = make(tmp_path)
    write_study(root, seeds=(0, 1), methods=["unet"], questions=())
    (root / "wait").touch()
    reports = root / "reports" / "tiny"
    running = reports / "runs" / "films-unet-full-s1-f0" / KERNEL_LOCK
    process = subprocess.Popen(words(), cwd=root, start_new_session=True, stdout=subprocess.DEVNULL)
    finished = "Finished jobid"  # Snakemake counts a job as done a moment after its run.json is there
    wait_for(lambda: lock.is_held(running) and said(reports).count(finished) == 2, process)
    refused = study(root)
    assert refused.returncode == 2
    assert f"is being written by process {process.pid}" in refused.stderr
    process.kill()
    process.wait()
    assert study(root).returncode == 2, "Snakemake outlives what called it"
    os.killpg(process.pid, signal.SIGKILL)
    (root / "wait").unlink()
    wait_for(lambda: not lock.is_held(running))
    before = times(root)

    again = study(root)
    assert again.returncode == 0, again.stdout + again.stderr
    assert times(root)[UNET] == before[UNET]
    cases = pd.read_csv(reports / "cases.csv")
    assert list(cases["case"]) == ["p0", "p1", "p2", "p3"] * 2
    assert list(cases["value"].round(6)) == [0.5, 0.51, 0.52, 0.53, 0.6, 0.61, 0.62, 0.63]
    # a study that was never disturbed summarises these very rows
    undisturbed = summarise(read_cases(reports / "cases.csv"))
    assert (reports / "summary.csv").read_text() == undisturbed.to_csv(index=False)


def said(reports):
    log = reports / "snakemake.log"
    return log.read_text() if log.exists() else ""


def wait_for(condition, process=None):
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.1)


def test_files_that_cannot_be_used_are_told_in_one_line(tmp_path):
    root = make(tmp_path)
    done = subprocess.run(words()[:-4], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip().startswith("error: studies/tiny.yaml: data 'films' are files of yours.")
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_index_is_there_before_anything_runs(tmp_path, monkeypatch, capsys):
    root = make(tmp_path)
    monkeypatch.chdir(root)
    monkeypatch.setattr(driver, "_say_costs", lambda study: {})

    def stopped(study, *_):
        assert "3 waiting" in study.files.index.read_text(encoding="utf-8")
        study.files.index.unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(driver, "_bring", stopped)
    assert driver.run_study(root / "studies" / "tiny.yaml", 1, "films") == 130
    assert (root / "reports" / "tiny" / "index.html").exists()
    *_, how, where, took = capsys.readouterr().out.splitlines()
    assert how.startswith("stopped: the same command goes on: ")
    assert where == "What has finished stays in reports/tiny"
    assert took.endswith(" from start to end")


def test_a_report_folder_that_cannot_be_written_is_told_in_one_line(tmp_path):
    root = make(tmp_path)
    (root / "reports").write_text("a file where the folder should be")
    done = study(root)
    assert done.returncode == 2
    assert "reports/tiny: cannot be written" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_data_that_cannot_be_prepared_show_on_the_index(tmp_path):
    root = make(tmp_path)
    write_study(root, methods=["unet"], questions=())
    for path in (root / "films" / "masks").iterdir():
        path.write_text("no picture")
    done = study(root)
    index = (root / "reports" / "tiny" / "index.html").read_text()
    assert done.returncode == 1
    assert json.loads((root / "reports" / "tiny" / "study.json").read_text())["runs"][0]["id"] == UNET
    assert "failed: data 'films'  error: films: holds no usable film" in done.stdout
    assert "holds no usable film" in index
    assert "waiting" in index


@pytest.mark.slow
def test_a_corrected_mask_runs_again_and_only_the_named_folder_is_read(tmp_path):
    root = make(tmp_path)
    write_study(root, methods=["unet"], broken=())
    odd = "films #1: rücken $HOME 'q\" {x} 脊柱"
    shutil.copytree(root / "films", root / odd)
    (root / "films" / "images" / "other.png").write_text("no picture")
    given = [word if word != "films" else odd for word in words()]

    def call():
        return subprocess.run(given, cwd=root, capture_output=True, text=True, check=False)

    first = call()
    assert first.returncode == 0, first.stdout + first.stderr
    reports = root / "reports" / "tiny"
    manifest = read_manifest(reports / "data" / "films")
    assert {Path(case.image).parent for case in manifest} == {root / odd / "images"}
    assert json.loads((reports / "study.json").read_text())["data"]["films"].endswith(f"source {odd}")
    before = times(root)

    shutil.copy(root / odd / "images" / "p1.png", root / odd / "images" / "p9.png")
    for name in ("p0", "p9"):
        mask = np.zeros((40, 20), np.uint8)
        mask[5:35, 6:10] = 1
        Image.fromarray(mask).save(root / odd / "masks" / f"{name}.png")
    second = call()
    assert second.returncode == 0, second.stdout + second.stderr
    assert "films: 1 changed (masks/p0.png), 2 new (images/p9.png, masks/p9.png); prepared again" in second.stdout
    assert f"again, since their data have changed: {UNET}" in second.stdout
    assert {case.case for case in read_manifest(reports / "data" / "films")} == {"p0", "p1", "p2", "p3", "p9"}
    after = times(root)
    assert all(after[name] > before[name] for name in (UNET, "90_compare"))
    assert "2 of 2 finished" in call().stdout
    assert times(root) == after


PAPERS = ("r2mf_paper", "mdwc_paper", "safnet_paper", "spinefm_paper", "seg4reg_paper")


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["", "small"])
@pytest.mark.parametrize("name", PAPERS)
def test_the_study_of_every_paper_is_planned_whole(name, scale, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(driver, "_say_costs", lambda study: {})
    call, statuses = driver.Snakemake.__call__, []
    monkeypatch.setattr(driver.Snakemake, "__call__", lambda *given: statuses.append(call(*given)) or statuses[-1])
    file = Path(__file__).parents[2] / "studies" / f"{name}.yaml"
    study = driver.read_study(file, "", scale)
    driver.run_study(file, 1, more=["--dry-run"], scale=scale)
    assert statuses == [0, 0]
    planned = dict(re.findall(r"^(data|run|question) +(\d+)$", capfd.readouterr().out, re.MULTILINE))
    early = [job for job in study.questions.values() if not job.needs_runs]
    assert int(planned["run"]) == len(study.runs)
    assert int(planned["data"]) == len(study.data)
    assert int(planned["question"]) == len(study.questions) - len(early)
    assert not list((tmp_path / "reports" / study.name).glob("runs/*"))
