"""Every path of a study's folder, spelled once.

A study lies in one folder, ``reports/STUDY``::

    study.json  protocol.json  scorings.csv  cases.csv  summary.csv  index.html  snakemake.log
    data/NAME/          prepared data: manifest.csv and what belongs to it (`DataFolder`)
    runs/RUN/           one training and its test (`RunFolder`)
    questions/NOTEBOOK/ one notebook that asks something of the runs (`RunFolder`, too)

A run made by hand keeps its data beside itself, in ``data/NAME``. Nothing here looks at the disk or makes a folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Folders of a study, and within a run or prepared data.
RUNS, QUESTIONS, DATA = "runs", "questions", "data"
JOB_KINDS = (QUESTIONS, RUNS)
FIGURES, PREDICTIONS, STAGES, CHECKPOINT, CACHE = "figures", "predictions", "stages", "checkpoint", "cache"
IMAGES, MASKS = "images", "masks"

# Files of a study.
STUDY_FACTS, INDEX, SUMMARY_TABLE = "study.json", "index.html", "summary.csv"
STAMP, LOG = ".done.json", "snakemake.log"
# What was agreed when the first run started and each later change of it; every time that cases were scored.
PROTOCOL, SCORINGS, SCORINGS_LOCK = "protocol.json", "scorings.csv", ".scorings.lock"
# Files of a published study that only it has.
PUBLISHED_RECORDS, PUBLISHED_RUNS = "runs.json", "runs.csv"
RECOMPUTED = "recomputed.csv"  # what was judged anew after it was published, what stands as it was made, and why

# Files of a run or question.
RECORD, FAILURE, NOTEBOOK, CONSOLE, PAGE = "run.json", "failure.json", "notebook.ipynb", "console.txt", "report.html"
CASE_TABLE, VERDICT_TABLE, CAPTIONS, STAGE_FACTS = "cases.csv", "verdicts.csv", "captions.json", "stages.json"
CONTRAST_TABLE = "contrasts.csv"  # the named comparisons with their verdicts, which every page shows
WEIGHTS, CARD, LAST_GOOD = "model.safetensors", "model.json", "last_good.safetensors"
# Beside the weights of a network that reads films: when its answer is given, and the tables and figures of the making.
GATE, GATE_PICTURES, GATE_KINDS, GATE_RISKS = "gate.json", "gate_pictures.csv", "gate_kinds.csv", "gate_risks.csv"
STATE, EARLIER_STATE = "state.pt", "earlier.pt"
TRAINING, HISTORY, PRECISION, RATES = "training.json", "history.csv", "precision.json", "learning_rates.csv"
ENGINE_LOCK, KERNEL_LOCK = ".notebook.lock", ".run.lock"

# Files of prepared data.
FILE_TABLE, UNPACKED = "files.csv", "unpacked"
MANIFEST, OPTIONS, PROBLEMS, AUDIT, REPEAT = "manifest.csv", "options.json", "problems.csv", "audit.csv", "repeat.csv"
CLASS_TABLE, LABELLED_TABLE, LANDMARK_TABLE, CORNER_TABLE, ANGLE_TABLE = (
    "classes.csv",
    "labelled.csv",
    "landmarks.csv",
    "corners.csv",
    "angles.csv",
)
ARRAY_FACTS = "meta.json"
# What names and numbers in people's own labels mean; theirs lies in the source's folder, a copy in the prepared data.
LABEL_NAMES = "labels.yaml"
# Every file of the source as it was when the data were prepared.
SOURCE_RECORD = "source.json"

# Of a study, of prepared data and of applied runs alike.
LOCK, SEAL = ".lock", ".seal.json"
# Beside the released networks: the numbers that tell films from the front and from the side.
VIEW_RULE = "view.json"
# Whose the results of a run that was applied are.
APPLIED = "applied.json"
# What of such results an export leaves out, and why.
LEFT_OUT = "left_out.csv"
# Says that a folder is one of prepared data, for a call that has no lock.
PREPARED = ".prepared"


@dataclass(frozen=True)
class DataFolder:
    """The folder of prepared data: manifest, what was found wrong, labels beside the manifest, cached arrays."""

    root: Path

    @property
    def manifest(self) -> Path:
        """One row per image."""
        return self.root / MANIFEST

    @property
    def options(self) -> Path:
        """What the data were prepared with: source and options, as JSON."""
        return self.root / OPTIONS

    @property
    def source(self) -> Path:
        """Every file of the source they were prepared from, as it was then, and what came of it, as JSON."""
        return self.root / SOURCE_RECORD

    @property
    def problems(self) -> Path:
        """What was wrong with labels and files."""
        return self.root / PROBLEMS

    @property
    def audit(self) -> Path:
        """Images that are the same or nearly so."""
        return self.root / AUDIT

    @property
    def repeat(self) -> Path:
        """How far two readings of the same film lie apart, where a source has such films."""
        return self.root / REPEAT

    @property
    def angles(self) -> Path:
        """Cobb angles that the source itself states, where it does."""
        return self.root / ANGLE_TABLE

    @property
    def images(self) -> Path:
        """Images that were made or converted in preparing."""
        return self.root / IMAGES

    @property
    def masks(self) -> Path:
        """Masks that were made or converted in preparing."""
        return self.root / MASKS

    @property
    def cache(self) -> Path:
        """Arrays on one grid, a folder for each grid."""
        return self.root / CACHE

    @property
    def console(self) -> Path:
        """What preparing has printed."""
        return self.root / CONSOLE

    @property
    def lock(self) -> Path:
        """Held while the data are prepared."""
        return self.root / LOCK


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run or a question; also of one stage of a pipeline, which holds a part of these files."""

    root: Path

    @property
    def record(self) -> Path:
        """Parameters, facts and versions of a run that finished; its last file."""
        return self.root / RECORD

    @property
    def failure(self) -> Path:
        """Why a run failed."""
        return self.root / FAILURE

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.root / NOTEBOOK

    @property
    def page(self) -> Path:
        """The notebook as a page."""
        return self.root / PAGE

    @property
    def cases(self) -> Path:
        """One row per case, structure and metric."""
        return self.root / CASE_TABLE

    @property
    def scorings(self) -> Path:
        """Every time that a run outside any study scored cases."""
        return self.root / SCORINGS

    @property
    def weights(self) -> Path:
        """The trained network."""
        return self.root / WEIGHTS

    @property
    def card(self) -> Path:
        """How the trained network predicts."""
        return self.root / CARD

    @property
    def last_good(self) -> Path:
        """The network before its training went astray."""
        return self.root / LAST_GOOD

    @property
    def training(self) -> Path:
        """What the weights were trained with and how that went."""
        return self.root / TRAINING

    @property
    def history(self) -> Path:
        """Losses and scores, one row per epoch."""
        return self.root / HISTORY

    @property
    def precision(self) -> Path:
        """The number format that training chose."""
        return self.root / PRECISION

    @property
    def learning_rates(self) -> Path:
        """The learning-rate search: one row per rate tried."""
        return self.root / RATES

    @property
    def checkpoint(self) -> Path:
        """What an interrupted training goes on from; removed when it ends."""
        return self.root / CHECKPOINT

    @property
    def state(self) -> Path:
        """The file of the checkpoint."""
        return self.checkpoint / STATE

    @property
    def figures(self) -> Path:
        """Figures as PNG, with their captions beside them."""
        return self.root / FIGURES

    @property
    def stage_facts(self) -> Path:
        """What each stage of a pipeline was built as."""
        return self.root / STAGE_FACTS

    @property
    def engine_lock(self) -> Path:
        """Held while papermill runs the notebook."""
        return self.root / ENGINE_LOCK

    @property
    def kernel_lock(self) -> Path:
        """Held while the notebook's kernel writes."""
        return self.root / KERNEL_LOCK

    def predictions(self, data: str) -> Path:
        """Predictions for the data called `data`."""
        return self.root / PREDICTIONS / f"{data}.npz"

    def stage(self, name: str) -> RunFolder:
        """The folder of one stage of a pipeline."""
        return RunFolder(self.root / STAGES / name)

    def data_by_hand(self, name: str) -> DataFolder:
        """Data that a run outside any study has prepared for itself and its neighbours."""
        return DataFolder(self.root.parent / DATA / name)


@dataclass(frozen=True)
class StudyFolder:
    """The folder of a study, ``reports/STUDY``."""

    root: Path

    @property
    def facts(self) -> Path:
        """The study's words and its plan, for the pages."""
        return self.root / STUDY_FACTS

    @property
    def cases(self) -> Path:
        """The case tables of all finished runs and questions."""
        return self.root / CASE_TABLE

    @property
    def summary(self) -> Path:
        """Means with intervals, one row per group of the case table."""
        return self.root / SUMMARY_TABLE

    @property
    def index(self) -> Path:
        """The study's first page."""
        return self.root / INDEX

    @property
    def protocol(self) -> Path:
        """Comparisons, test sets and recipes when the first run started, and each later change of them."""
        return self.root / PROTOCOL

    @property
    def scorings(self) -> Path:
        """Every time that a run or question scored cases."""
        return self.root / SCORINGS

    @property
    def stamp(self) -> Path:
        """What lay here when everything had finished."""
        return self.root / STAMP

    @property
    def lock(self) -> Path:
        """Held while the study is brought up to date."""
        return self.root / LOCK

    @property
    def log(self) -> Path:
        """All that Snakemake says."""
        return self.root / LOG

    @property
    def all_data(self) -> Path:
        """The folder with a folder for each of the study's data."""
        return self.root / DATA

    @property
    def all_runs(self) -> Path:
        """The folder with a folder for each run."""
        return self.root / RUNS

    def data(self, name: str) -> DataFolder:
        """The prepared data called `name`."""
        return DataFolder(self.all_data / name)

    def run(self, name: str) -> RunFolder:
        """The run called `name`."""
        return self.job(RUNS, name)

    def question(self, name: str) -> RunFolder:
        """The question asked by the notebook `name`."""
        return self.job(QUESTIONS, name)

    def job(self, kind: str, name: str) -> RunFolder:
        """A run or question by its kind, one of JOB_KINDS."""
        return RunFolder(self.root / kind / name)
