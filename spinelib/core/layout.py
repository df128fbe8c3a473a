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
from typing import overload

# Folders of a study, and within a run or prepared data.
RUNS, QUESTIONS, DATA = "runs", "questions", "data"
JOB_KINDS = (QUESTIONS, RUNS)
NNUNET = "nnunet"
FIGURES, PREDICTIONS, STAGES, CHECKPOINT, CACHE = "figures", "predictions", "stages", "checkpoint", "cache"
IMAGES, MASKS = "images", "masks"

# Files of a study.
STUDY_FACTS, INDEX, SUMMARY_TABLE = "study.json", "index.html", "summary.csv"
WIDTHS = "widths.json"
STAMP, LOG = ".done.json", "snakemake.log"
MERGING = ".merging"
# What was agreed when the first run started and each later change of it; every time that cases were scored.
PROTOCOL, SCORINGS, SCORINGS_LOCK = "protocol.json", "scorings.csv", ".scorings.lock"
SECOND_RUN = "second_run.csv"  # how far a second run of the same study moved its scores, and which verdicts changed
# Beside the studies' folders: a folder for each that is published, and files that only it has.
PUBLISHED_STUDIES = "published"
PUBLISHED_RECORDS, PUBLISHED_RUNS = "runs.json", "runs.csv"
RECOMPUTED = "recomputed.csv"  # what was judged anew after it was published, what stands as it was made, and why

# Files of a run or question.
RECORD, FAILURE, NOTEBOOK, CONSOLE, PAGE = "run.json", "failure.json", "notebook.ipynb", "console.txt", "report.html"
CASE_TABLE, VERDICT_TABLE, CAPTIONS, STAGE_FACTS = "cases.csv", "verdicts.csv", "captions.json", "stages.json"
CONTRAST_TABLE = "contrasts.csv"  # the named comparisons with their verdicts, which every page shows
COBB_TABLE, LOSS_TABLE, FRONTIER_TABLE = "cobb.csv", "losses.csv", "frontier.csv"
# Tables of questions that the index answers from.
INDEX_TABLES = (VERDICT_TABLE, CONTRAST_TABLE, COBB_TABLE, LOSS_TABLE, FRONTIER_TABLE)
WEIGHTS, CARD, LAST_GOOD = "model.safetensors", "model.json", "last_good.safetensors"
# Beside the weights of a network that reads films: when its answer is given, and the tables and figures of the making.
GATE, GATE_PICTURES, GATE_KINDS, GATE_RISKS = "gate.json", "gate_pictures.csv", "gate_kinds.csv", "gate_risks.csv"
STATE, EARLIER_STATE = "state.pt", "earlier.pt"
TRAINING, HISTORY, PRECISION, RATES = "training.json", "history.csv", "precision.json", "learning_rates.csv"
ENGINE_LOCK, KERNEL_LOCK = ".notebook.lock", ".run.lock"
LIVE = ".live"  # without an ending: it is no result, and nothing seals it

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
# Of a search for near-duplicates that has not finished: its films in little, their spectra, and what was found so far.
AUDITING = ".auditing"
AUDIT_FILMS, AUDIT_TABLE, FILM_STEPS, PAIR_STEPS = "films.bin", "spectra.npy", "films.jsonl", "pairs.jsonl"


class Within:
    """A path within a folder of this layout, as an attribute of the folder."""

    def __init__(self, *parts: str, says: str) -> None:
        self._parts, self.__doc__ = parts, says

    @overload
    def __get__(self, folder: None, owner: type) -> Within: ...
    @overload
    def __get__(self, folder: DataFolder | RunFolder | StudyFolder, owner: type) -> Path: ...
    def __get__(self, folder: DataFolder | RunFolder | StudyFolder | None, owner: type) -> Path | Within:
        """The whole path; of the class itself, this."""
        return self if folder is None else folder.root.joinpath(*self._parts)


@dataclass(frozen=True)
class DataFolder:
    """The folder of prepared data: manifest, what was found wrong, labels beside the manifest, cached arrays."""

    root: Path

    manifest = Within(MANIFEST, says="One row per image.")
    options = Within(OPTIONS, says="What the data were prepared with: source and options, as JSON.")
    source = Within(
        SOURCE_RECORD,
        says="Every file of the source they were prepared from, as it was then, and what came of it, as JSON.",
    )
    problems = Within(PROBLEMS, says="What was wrong with labels and files.")
    audit = Within(AUDIT, says="Images that are the same or nearly so.")
    repeat = Within(REPEAT, says="How far two readings of the same film lie apart, where a source has such films.")
    angles = Within(ANGLE_TABLE, says="Cobb angles that the source itself states, where it does.")
    images = Within(IMAGES, says="Images that were made or converted in preparing.")
    masks = Within(MASKS, says="Masks that were made or converted in preparing.")
    cache = Within(CACHE, says="Arrays on one grid, a folder for each grid.")
    console = Within(CONSOLE, says="What preparing has printed.")
    lock = Within(LOCK, says="Held while the data are prepared.")


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run or a question; also of one stage of a pipeline, which holds a part of these files."""

    root: Path

    record = Within(RECORD, says="Parameters, facts and versions of a run that finished; its last file.")
    failure = Within(FAILURE, says="Why a run failed.")
    notebook = Within(NOTEBOOK, says="The executed notebook.")
    page = Within(PAGE, says="The notebook as a page.")
    cases = Within(CASE_TABLE, says="One row per case, structure and metric.")
    scorings = Within(SCORINGS, says="Every time that a run outside any study scored cases.")
    weights = Within(WEIGHTS, says="The trained network.")
    card = Within(CARD, says="How the trained network predicts.")
    last_good = Within(LAST_GOOD, says="The network before its training went astray.")
    training = Within(TRAINING, says="What the weights were trained with and how that went.")
    history = Within(HISTORY, says="Losses and scores, one row per epoch.")
    precision = Within(PRECISION, says="The number format that training chose.")
    learning_rates = Within(RATES, says="The learning-rate search: one row per rate tried.")
    checkpoint = Within(CHECKPOINT, says="What an interrupted training goes on from; removed when it ends.")
    state = Within(CHECKPOINT, STATE, says="The file of the checkpoint.")
    figures = Within(FIGURES, says="Figures as PNG, with their captions beside them.")
    stage_facts = Within(STAGE_FACTS, says="What each stage of a pipeline was built as.")
    nnunet = Within(NNUNET, says="What nnU-Net's own programs read and wrote.")
    engine_lock = Within(ENGINE_LOCK, says="Held while papermill runs the notebook.")
    kernel_lock = Within(KERNEL_LOCK, says="Held while the notebook's kernel writes.")
    live = Within(LIVE, says="How far the run is, while it works; removed when it ends.")

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

    facts = Within(STUDY_FACTS, says="The study's words and its plan, for the pages.")
    cases = Within(CASE_TABLE, says="The case tables of all finished runs and questions.")
    summary = Within(SUMMARY_TABLE, says="Means with intervals, one row per group of the case table.")
    index = Within(INDEX, says="The study's first page.")
    protocol = Within(
        PROTOCOL, says="Comparisons, test sets and recipes when the first run started, and each later change of them."
    )
    scorings = Within(SCORINGS, says="Every time that a run or question scored cases.")
    second_run = Within(SECOND_RUN, says="Scores and verdicts of the index beside those of a second run of the study.")
    stamp = Within(STAMP, says="What lay here when everything had finished.")
    lock = Within(LOCK, says="Held while the study is brought up to date.")
    log = Within(LOG, says="All that Snakemake says.")
    widths = Within(WIDTHS, says="Widths that were searched for equal compute.")
    merging = Within(MERGING, says="A run on its way in from another machine, until it is whole.")
    all_data = Within(DATA, says="The folder with a folder for each of the study's data.")
    all_runs = Within(RUNS, says="The folder with a folder for each run.")

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
