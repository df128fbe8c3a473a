import json
import random
import resource
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from spinelib import runs
from spinelib.core.errors import BadInput
from spinelib.core.live import Live, read_live, tell_live
from spinelib.core.seals import broken
from spinelib.runs.predictions import load_predictions, save_predictions
from spinelib.runs.state import read_state, results_of
from spinelib.runs.tables import CASE_COLUMNS, read_cases
from tests.flips import flips
from tests.tiny import PARAMETERS

ROW = {
    "dataset": "tiny",
    "split": "test",
    "case": "a",
    "patient": "p",
    "view": "coronal",
    "structure": "spine",
    "metric": "dice",
    "value": 0.5,
}


def namespace(tmp_path, injected="", **changes):
    """What `globals()` holds in a notebook after its parameters cell and papermill's have run."""
    cell = PARAMETERS.replace("../reports/by_hand/tiny", str(tmp_path / "run"))
    cells = ["", "import os", cell, *([injected] if injected else []), "run = runs.begin(globals())"]
    values = {"In": cells}
    exec(cell, values)
    exec(injected, values)
    return values | changes


def test_a_whole_run_leaves_its_cases_and_then_its_record(tmp_path):
    run = runs.begin(namespace(tmp_path, "# Parameters\nseed = 3\nstudy = 'small'\nmethod = 'r2mfnet'"))
    table = run.cases(pd.DataFrame([ROW, ROW | {"case": "b", "value": 0.25}]))
    assert not (run.folder / "run.json").exists()
    run.note(data_digest="d1")
    run.finish(params=np.int64(12), shape=np.ones(2))
    record = json.loads((run.folder / "run.json").read_text())
    assert list(table.columns) == CASE_COLUMNS
    assert read_cases(run.folder / "cases.csv").equals(table)
    assert set(table["condition"]) == {"none"}
    assert set(table["seed"]) == {3}
    assert set(table["run"]) == {"run"}
    assert record["parameters"] | {"seed": 3, "fold": 0, "method": "r2mfnet"} == record["parameters"]
    assert record["facts"] == {"data_digest": "d1", "params": 12, "shape": [1, 1]}
    assert record["status"] == "finished"
    for key in ("started", "seconds", "commit", "dirty", "code", "peak_memory_mb", "hardware", "versions", "threads"):
        assert key in record
    assert record["hardware"]["cores"] >= 1
    assert record["versions"]["numpy"] == np.__version__


def test_others_read_how_far_it_is_until_it_has_finished(tmp_path):
    run = runs.begin(namespace(tmp_path))
    tell_live(Live("step", 1, 2, "loss 1"))
    assert read_live(run.files.live) == Live("step", 1, 2, "loss 1")
    assert run.files.live not in results_of(run.folder)
    run.finish()
    tell_live(Live("step", 2, 2, "loss 1"), now=True)
    assert not run.files.live.exists()


@pytest.fixture
def finished(tmp_path):
    run = runs.begin(namespace(tmp_path))
    run.cases(pd.DataFrame([ROW, ROW | {"case": "b", "value": 0.25}]))
    save_predictions(run.files.predictions("tiny"), ["a", "b"], np.zeros((2, 8, 8), np.uint8))
    run.finish(best=0.125)
    return run.files


def test_a_finished_run_is_whole_and_a_flipped_bit_of_its_results_is_noticed(finished):
    assert broken(finished.root) == []
    for path, read in ((finished.cases, read_cases), (finished.predictions("tiny"), load_predictions)):
        name = path.relative_to(finished.root).as_posix()
        for _ in flips(path):
            assert broken(finished.root) == [name]
            with pytest.raises(BadInput, match="is not as it was written"):
                read(path)
        read(path)


def test_a_flipped_bit_of_the_record_is_noticed_or_changes_nothing(finished):
    whole = read_state(finished.root).record
    noticed = 0
    for _ in flips(finished.record, 48):
        state = read_state(finished.root)
        if state.status == "finished":
            assert {name: state.record[name] for name in whole} == whole
        else:
            assert broken(finished.root) == ["run.json"]
            noticed += 1
    assert noticed > 40


def test_a_folder_of_somebody_else_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "run" / "figures").mkdir(parents=True)
    (tmp_path / "run" / "cases.csv").write_text("mine")
    (tmp_path / "run" / "figures" / "a.png").write_text("mine")
    for _ in range(2):
        with pytest.raises(BadInput, match="no run of ours made it"):
            runs.begin(namespace(tmp_path))
    assert sorted(path.name for path in (tmp_path / "run").rglob("*")) == ["a.png", "cases.csv", "figures"]
    assert (tmp_path / "run" / "cases.csv").read_text() == "mine"


def test_a_misspelt_or_mistyped_injected_parameter_stops_the_notebook(tmp_path):
    with pytest.raises(BadInput, match=r"unknown parameter 'sed'\. Did you mean 'seed'"):
        runs.begin(namespace(tmp_path, "# Parameters\nsed = 3"))
    with pytest.raises(BadInput, match="'seed': True is not of type int"):
        runs.begin(namespace(tmp_path, "# Parameters\nseed = True"))
    assert not (tmp_path / "run").exists()


def test_a_value_injected_under_a_former_name_reaches_its_parameter(tmp_path):
    given = namespace(tmp_path, "# Parameters\nmoves = 0.4")
    given["In"][2] += "\naugmentation_strength: float = 1.0\n"
    given["augmentation_strength"] = 1.0
    assert runs.begin(given).parameters["augmentation_strength"] == 0.4
    assert given["augmentation_strength"] == 0.4


def test_a_value_changed_later_by_hand_is_checked_too(tmp_path):
    with pytest.raises(BadInput, match="'fold'"):
        runs.begin(namespace(tmp_path, fold="one"))


def test_without_a_parameters_cell_there_is_no_run():
    with pytest.raises(BadInput, match="no parameters cell"):
        runs.begin({"In": ["", "x = 1"]})


def test_seeds_are_set_and_an_earlier_record_is_gone(tmp_path):
    drawn = []
    for seed in (5, 5, 6):
        run = runs.begin(namespace(tmp_path, f"# Parameters\nseed = {seed}"))
        assert not (run.folder / "run.json").exists()
        drawn.append((random.random(), np.random.rand()))
        run.finish()
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[2][0]
    assert drawn[0][1] != drawn[2][1]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([ROW | {"vew": "x"}], "unknown column 'vew'. Did you mean 'view'"),
        ([{k: v for k, v in ROW.items() if k != "patient"}], "no column patient"),
        ([ROW, ROW], "given twice"),
        ([ROW | {"value": np.nan}], "NaN without status 'absent'"),
        ([ROW | {"status": "missing"}], "unknown status 'missing'"),
        ([ROW | {"value": "good"}], "not a number"),
    ],
)
def test_cases_that_break_the_contract_are_refused(tmp_path, rows, word):
    run = runs.begin(namespace(tmp_path))
    with pytest.raises(BadInput, match=word):
        run.cases(pd.DataFrame(rows))
    assert not (run.folder / "cases.csv").exists()


def test_an_absent_structure_is_a_row(tmp_path):
    run = runs.begin(namespace(tmp_path))
    run.cases(pd.DataFrame([ROW, ROW | {"structure": "L5", "value": np.nan, "status": "absent"}]))
    assert read_cases(run.folder / "cases.csv")["value"].isna().sum() == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "run").write_text("a file where the folder should be")
    with pytest.raises(BadInput, match=r"cannot be written.*Free space on the disk or choose"):
        runs.begin(namespace(tmp_path))


def test_a_full_disk_leaves_no_half_written_table(tmp_path):
    code = (
        "import resource, sys; sys.path.insert(0, '.')\n"
        "import pandas as pd\n"
        "from pathlib import Path\n"
        "from spinelib import runs\n"
        "from tests.runs.test_run import ROW, namespace\n"
        f"run = runs.begin(namespace(Path({str(tmp_path)!r})))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "run.cases(pd.DataFrame([ROW | {'case': f'case {i}'} for i in range(500)]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "BadInput" in done.stderr.splitlines()[-1]
    assert "cases.csv: cannot be written" in done.stderr
    # The scoring itself is noted before its rows are written.
    assert {path.name for path in (tmp_path / "run").iterdir()} - {".scorings.lock"} == {
        ".run.lock",
        "scorings.csv",
    }
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_the_record_keeps_the_training_apart_and_every_scoring(tmp_path):
    for commit in ("first", "second"):
        run = runs.begin(namespace(tmp_path))
        run.facts["data"] = {"tiny": {"films": 2, "digest": "d1"}}
        run.cases(pd.DataFrame([ROW, ROW | {"case": "b"}]))
        run.trained = {"commit": "first"}
        run.finish(best=commit)
    record = read_state(run.folder).record
    assert record["trained"] == {"commit": "first"}
    assert [(row["dataset"], row["split"], row["cases"], row["digest"]) for row in record["scorings"]] == [
        ("tiny", "test", "2", "d1")
    ] * 2
    assert broken(run.folder) == []
