"""The plan of a study: jobs (one notebook, its parameters, its folder), data and texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.core.names import FORMER, USUAL_PRECISION

# All that studies write, below the current folder. Notebooks run in it, and write their paths as from notebooks/.
REPORTS = Path("reports")
# How a run's name says by which scheme its test cases were chosen; nothing for the test split of the data.
SCHEME_NAMES = {"cross": "cross", "published": "published_folds"}


def from_notebooks(path: Path) -> str:
    """A path, from the current folder or absolute, as notebooks write it, which run in a folder of the current one."""
    return path.as_posix() if path.is_absolute() else (Path("..") / path).as_posix()


@dataclass(frozen=True)
class Job:
    """One execution of one notebook. Paths are relative to the current folder, or absolute."""

    id: str
    notebook: Path
    folder: Path
    data: tuple[str, ...]
    parameters: dict[str, Any]
    needs_runs: bool = False
    needs_gpu: bool = False
    after: tuple[str, ...] = ()
    earlier: str = ""  # id of the run whose weights this one starts from
    first: bool = False  # starts before runs that can wait, such as the longest of a study

    @property
    def files(self) -> RunFolder:
        """Paths of the files in the job's folder."""
        return RunFolder(self.folder)

    @property
    def arguments(self) -> str:
        """The parameters as one line of YAML, for papermill's ``-y``.

        Snakemake compares this line: a renamed parameter goes by its former name, or a finished run would train again.
        """
        former = {today: before for before, today in FORMER.items()}
        given = {former.get(name, name): value for name, value in self.parameters.items()}
        return yaml.safe_dump(given, default_flow_style=True, width=10**9, sort_keys=True).strip()


@dataclass(frozen=True)
class Study:
    """A checked study: title and texts, data, runs, questions, the number format of its runs, and its scale."""

    file: Path
    name: str
    title: str
    question: str
    banner: str
    data: dict[str, dict[str, Any]]
    runs: dict[str, Job]
    questions: dict[str, Job]
    comparisons: list[list[str]]
    threads: int
    memory_mb: int
    minutes: int
    precision: str = USUAL_PRECISION
    scale: str = ""  # of the study file's own; empty: full scale

    @property
    def folder(self) -> Path:
        """Where everything of this study is written, relative to the current folder."""
        return REPORTS / self.name

    @property
    def files(self) -> StudyFolder:
        """Paths of the files in the study's folder."""
        return StudyFolder(self.folder)


def run_id(chosen: Mapping[str, Any], tag: str = "") -> str:
    """The name of a run: what it was trained on, method, variant, what is unusual, seed and fold.

    Unusual are a recipe other than the common one, a width other than 1, a scheme other than the data's own split,
    added data, a number format other than the study's, weights to start from, and the entry's tag.
    """
    parts = [chosen["trained_on"], chosen["method"], chosen["variant"]]
    parts += [chosen["recipe"]] if chosen["recipe"] != "common" else []
    parts += [f"w{chosen['width']:g}".replace(".", "p")] if chosen["width"] != 1 else []
    parts += [SCHEME_NAMES[chosen["scheme"]]] if chosen.get("scheme") in SCHEME_NAMES else []
    parts += [f"with_{'_'.join(chosen['added'])}"] if chosen.get("added") else []
    parts += [chosen["precision"].replace("+", "_")] if chosen.get("precision") else []
    parts += ["pretrained"] if chosen.get("pretrained") else []
    parts += [tag] if tag else []
    return "-".join([*parts, f"s{chosen['seed']}", f"f{chosen['fold']}"])
