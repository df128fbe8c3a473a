"""A study with nothing to do starts no Snakemake; whatever may leave something to do starts it again."""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest

from spinelib import sources
from spinelib.core.layout import LOCK, RECORD, STAMP
from spinelib.runs.data import prepare_once
from spinelib.study import done, driver, read_study
from tests.study.example import read

QUESTION = Path("notebooks/90_compare.ipynb")
RUN = Path("reports/tiny/runs/tiny-unet-full-s0-f0")


class Machine:
    """Stands in for Snakemake: makes the records that are missing, but for those of `broken` runs."""

    def __init__(self, study):
        self.study, self.calls, self.broken, self.meanwhile = study, [], [], lambda: None
        self.data = "my films"

    def __call__(self, *targets):
        target, *_ = targets
        self.calls.append(target)
        jobs = [*self.study.runs.values(), *self.study.questions.values()]
        for job in jobs if target == "questions" else jobs[: len(self.study.runs)]:
            if job.id not in self.broken and not (job.folder / RECORD).exists():
                job.folder.mkdir(parents=True, exist_ok=True)
                (job.folder / RECORD).write_text('{"status": "finished", "code": "x"}')
        for name, options in read_study(self.study.file, self.data).data.items():
            prepare_once(self.study.files.data(name).root, options)
        self.meanwhile()
        return int(bool(self.broken))

    def again(self, *more, data="my films", profile="local"):
        """What Snakemake is called for when the study is asked for once more."""
        self.calls.clear()
        self.data = data
        self.status = driver.run_study(Path("studies/tiny.yaml"), 1, data, profile, more)
        return self.calls


@pytest.fixture
def machine(root, monkeypatch):
    """The example, finished once; its code is a folder of its own."""
    monkeypatch.chdir(root)
    (root / "code").mkdir()
    (root / "code" / "module.py").write_text("a = 1\n")
    monkeypatch.setattr(done, "PACKAGE", root / "code")
    monkeypatch.setattr(sources, "prepare", lambda _, folder, **__: (folder / "manifest.csv").write_text("case\n"))
    for name in ("my films", "other films"):
        (root / name / "films").mkdir(parents=True)
        (root / name / "films" / "a.png").touch()
    read(root)
    made = Machine(driver.read_study(Path("studies/tiny.yaml"), "my films"))
    monkeypatch.setattr(driver.Snakemake, "__call__", lambda self, target: made(target))
    assert made.again() == ["runs", "questions"]
    assert made.status == 0
    return made


BOTH = ["runs", "questions"]
TINY = "reports/tiny/data/tiny/manifest.csv"


def test_nothing_changed_starts_nothing(machine, capsys):
    before = {path: path.stat().st_mtime_ns for path in machine.study.folder.rglob("*") if path.name != LOCK}
    for _ in range(2):
        assert machine.again() == []
        assert machine.status == 0
    after = {path: path.stat().st_mtime_ns for path in machine.study.folder.rglob("*") if path.name != LOCK}
    assert after == before
    assert "7 of 7 finished. Open reports/tiny/index.html" in capsys.readouterr().out


def later(path):
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


def saved(path, text="", tags=None):
    """As JupyterLab saves a notebook that has run; `text` goes into its first cell."""
    notebook = json.loads(path.read_text())
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.99"}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["jupyter"] = {"source_hidden": True}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["x"]}]}
        if number == 0:
            cell["source"] = "".join(cell["source"]) + text
            cell["metadata"] |= {} if tags is None else {"tags": tags}
    path.write_text(json.dumps(notebook, indent=3))


def edited(path, old, new):
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    "change",
    [
        lambda: saved(QUESTION, "\nmore = 1"),
        lambda: saved(Path("notebooks/10_train.ipynb"), "\nmore = 1"),
        lambda: saved(QUESTION, tags=["parameters", "other"]),
        lambda: later(Path("studies/tiny.yaml")),
        lambda: edited(Path("studies/tiny.yaml"), "metric: iou", "metric: dice"),
        lambda: later(Path("code/module.py")),
        lambda: Path("code/added.csv").touch(),
        lambda: (RUN / "report.html").unlink(),
        lambda: (RUN / RECORD).unlink(),
        lambda: later(RUN / RECORD),
        lambda: (RUN / f".{RECORD}.0a1b2c3d.tmp").touch(),
        lambda: shutil.rmtree(RUN),
        lambda: Path("reports/tiny/data/tiny/manifest.csv").unlink(),
        lambda: Path("reports/tiny/index.html").unlink(),
        lambda: Path("reports/tiny/cases.csv").write_text("half"),
        lambda: Path("reports/tiny", STAMP).write_text('{"basis"'),
        lambda: Path("reports/tiny", STAMP).unlink(),
    ],
)
def test_any_change_asks_snakemake_once_and_then_rests(machine, change):
    change()
    assert machine.again() == BOTH
    assert machine.again() == []


@pytest.mark.parametrize("notebook", [QUESTION, Path("notebooks/10_train.ipynb")])
def test_a_notebook_that_was_opened_and_saved_asks_nobody(machine, notebook):
    saved(notebook)
    later(notebook)
    assert machine.again() == []


def test_another_folder_of_films_profile_or_word_asks_snakemake(machine):
    assert machine.again(data="other films") == [TINY, *BOTH]
    assert machine.again() == [TINY, *BOTH]
    assert machine.again(profile="slurm") == BOTH
    assert machine.again("--forceall", profile="slurm") == BOTH
    assert machine.again(profile="slurm") == BOTH, "what those words did is not known"
    assert machine.again(profile="slurm") == []


def test_other_packages_and_another_snakefile_ask_snakemake(machine, monkeypatch):
    monkeypatch.setattr(done, "versions", lambda: {"pandas": "0"})
    assert machine.again() == BOTH
    for name in ("Snakefile", "profiles"):
        source = done.shipped(name)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, Path.cwd() / name)
    monkeypatch.setattr(done, "shipped", Path.cwd().joinpath)
    assert machine.again() == BOTH
    later(Path("Snakefile"))
    assert machine.again() == BOTH
    later(Path("profiles/local/config.yaml"))
    assert machine.again() == BOTH
    assert machine.again() == []


def test_after_a_failed_run_snakemake_is_asked_until_all_has_finished(machine):
    machine.broken = [RUN.name]
    shutil.rmtree(RUN)
    for _ in range(2):
        assert machine.again() == BOTH
        assert machine.status == 1
    machine.broken = []
    assert machine.again() == BOTH
    assert machine.again() == []


@pytest.mark.parametrize("left", [0, 10])
def test_a_record_that_was_cut_off_is_made_anew(machine, capsys, left):
    (RUN / RECORD).write_text((RUN / RECORD).read_text()[:left])
    assert machine.again() == BOTH
    assert machine.status == 0
    assert f"{RUN.name}: {RECORD} damaged, edited or gone; made anew" in capsys.readouterr().out
    assert machine.again() == []


def test_an_interrupted_call_leaves_no_stamp(machine):
    def interrupt():
        raise KeyboardInterrupt

    machine.meanwhile = interrupt
    saved(QUESTION, "\nmore = 1")
    machine.again()
    assert machine.status == 130
    assert not (machine.study.folder / STAMP).exists()
    machine.meanwhile = lambda: None
    assert machine.again() == BOTH


def test_what_changes_while_snakemake_runs_counts_as_changed(machine):
    (RUN / RECORD).unlink()
    machine.meanwhile = lambda: saved(QUESTION, "\nmore = 1")
    assert machine.again() == BOTH
    machine.meanwhile = lambda: None
    assert machine.again() == BOTH
    assert machine.again() == []


def test_an_output_that_snakemake_has_begun_and_not_finished_asks_it(machine):
    marker = done.UNFINISHED / base64.b64encode((RUN / RECORD).as_posix().encode()).decode()
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert machine.again() == BOTH
    assert machine.again() == BOTH
    marker.unlink()
    assert machine.again() == []


def test_a_folder_that_cannot_be_read_asks_snakemake(machine):
    (RUN / "link").symlink_to("nowhere")
    for _ in range(2):
        assert machine.again() == BOTH
        assert machine.status == 0
    assert done.basis(machine.study, "no_such_profile") == ""


def test_the_stamp_names_no_path(machine):
    kept = json.loads((machine.study.folder / STAMP).read_text())
    assert set(kept) == {"basis", "folder"}
    assert all(len(word) == 16 for word in kept.values())


def test_a_changed_source_asks_snakemake_for_the_data_first_and_a_touched_one_for_nothing(machine):
    film = Path("my films/films/a.png")
    later(film)
    assert machine.again() == []
    film.write_text("another")
    assert machine.again() == [TINY, *BOTH]
    assert machine.again() == []
    shutil.rmtree("my films")
    assert machine.again() == []
    assert machine.status == 0
