"""From the lists of a study file to its jobs: every combination of method, variant, seed and fold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.layout import StudyFolder
from spinelib.core.names import PROBED_PRECISION, USUAL_PRECISION
from spinelib.core.names import entry as entry_name
from spinelib.prediction.released import RELEASED, find_weights
from spinelib.runs.parameters import Parameter, check_parameters, read_parameters, translate
from spinelib.study.choices import check_choices, check_unit
from spinelib.study.division import SCHEMES, OneScheme, check_fold, check_scheme, read_folds
from spinelib.study.equal_compute import COMPUTE, EqualCompute
from spinelib.study.jobs import REPORTS, Job, from_notebooks, run_id
from spinelib.study.kinds import check_run, read_grids
from spinelib.study.known import find_notebook
from spinelib.study.schema import check_name, check_numbers, check_texts

WEIGHTS_SUFFIX = ".safetensors"
# What a run has unless its entry or the study's defaults say otherwise, whatever its notebook begins with by hand.
USUAL: dict[str, Any] = {"recipe": "common", "width": 1.0, "scheme": SCHEMES[0], "added": [], "pretrained": ""}
ENTRY = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
# What the study alone says: where a notebook reads and writes, and what a run is.
SET_BY_STUDY = ("study", "run", "out", "data", "results", "sources", "development")
IDENTITY = ("study", "out", "data", "trained_on", "tested_on", "method", "variant", "seed", "fold")
OWN_KEY = "Write it as a key of the run itself, or leave it out: the study sets it."


class Expansion:
    """Expands the lists of one study file."""

    def __init__(self, file: Path, name: str, given: dict[str, Any]) -> None:
        self.file, self.name, self.given = file, name, given
        self.root = file.parent.parent
        self.folder = StudyFolder(REPORTS / name)
        self.defaults: dict[str, Any] = translate({}, given.get("defaults", {}), f"{file} (defaults)")
        self._refuse(self.defaults, (*SET_BY_STUDY, *IDENTITY, "grid", "pretrained"), "the defaults")
        self.precision = str(self.defaults.get("precision", USUAL_PRECISION))
        self.used: set[str] = {COMPUTE}
        self.declared: dict[str, dict[str, Parameter]] = {}
        self.grids = read_grids(file, given)
        self.compute = EqualCompute(file, self.defaults, self.folder)

    def runs(self) -> dict[str, Job]:
        """Every run by its id; raises BadInput when two would share one, or a default reaches no notebook.

        First those of the first seed: a study that is stopped has whole boards of fewer seeds, and the other seeds find
        the learning rates searched.
        """
        jobs: dict[str, Job] = {}
        schemes = OneScheme(self.file)
        for number, entry in enumerate(self.given.get("runs", []), start=1):
            for job in self._expand(entry, f"run {number}"):
                if job.id in jobs:
                    reason = f"run {number} repeats the run '{job.id}'"
                    raise BadInput(self.file, reason, "Give one of the two a 'tag: name' of its own.")
                if job.earlier and job.earlier not in jobs:
                    reason = f"run {number} starts from '{job.earlier}', which is no run before it"
                    raise BadInput(self.file, reason, closest(job.earlier, jobs))
                jobs[job.id] = replace(job, first=entry.get("first", False))
                given = job.parameters
                key = (given["trained_on"], "/".join(entry_name(given)), given.get("recipe"), given.get("width"))
                schemes.add(key, given.get("scheme", SCHEMES[0]))
        for name in self.defaults if jobs else ():
            if name not in self.used:
                known = {word for declared in self.declared.values() for word in declared}
                raise BadInput(self.file, f"no notebook declares the default '{name}'", closest(name, known))
        return dict(sorted(jobs.items(), key=lambda item: item[1].parameters["seed"]))

    def _expand(self, entry: dict[str, Any], where: str) -> Iterator[Job]:
        for one, many in (("method", "methods"), ("variant", "variants")):
            if one in entry and many in entry:
                raise BadInput(self.file, f"{where} has both '{one}' and '{many}'", "Keep one of them.")
        methods = entry.get("methods", [entry["method"]] if "method" in entry else [])
        if not methods:
            raise BadInput(self.file, f"{where} has no 'method'", "Add 'method: unet', for example.")
        variants = entry.get("variants", [entry.get("variant", "full")])
        if not variants:
            raise BadInput(self.file, f"'variants' in {where} is []", "Name one, or leave the key out: full.")
        seeds = check_numbers(entry.get("seeds", [0]), self.file, f"'seeds' in {where}")
        folds, _ = read_folds(self.file, entry, where)
        if entry.get("tag"):
            check_name(entry["tag"], self.file, f"'tag' in {where}")
        shared = self._shared(entry, where)
        for method, variant, seed, fold in product(methods, variants, seeds, folds):
            check_name(method, self.file, f"a method in {where}")
            check_name(variant, self.file, f"a variant in {where}")
            chosen = {**shared, "method": method, "variant": variant, "seed": seed, "fold": fold}
            gmac = self.compute.asked(entry, method, where)
            chosen |= {"width": self._equal_width(entry, chosen, gmac)} if gmac else {}
            if "pretrained" in entry:
                chosen["pretrained"] = self._weights(_earlier_run(_filled(entry["pretrained"], chosen), chosen))
            yield self._run(entry, chosen, where)

    def _equal_width(self, entry: Mapping[str, Any], chosen: Mapping[str, Any], gmac: float) -> float:
        usual = {name: item.default for name, item in self._notebook(entry["notebook"])[1].items()}
        grid = self.grids[chosen["trained_on"]]
        given = {**usual, **self.defaults, **chosen, **({"grid": grid} if grid else {}), **entry.get("parameters", {})}
        return self.compute.width(gmac, given, str(self.given["data"][chosen["trained_on"]].get("dataset")))

    def _shared(self, entry: dict[str, Any], where: str) -> dict[str, Any]:
        tested = entry.get("tested_on", [entry["trained_on"]])
        added = check_texts({**self.defaults, **entry}, "added", self.file)
        if entry["trained_on"] in added:
            raise BadInput(self.file, f"{where} adds '{entry['trained_on']}' to itself", "Name other data in 'added'.")
        for name in (entry["trained_on"], *tested, *added):
            if name not in self.given.get("data", {}):
                known = self.given.get("data", {})
                raise BadInput(self.file, f"{where} uses unknown data '{name}'", closest(name, known))
        shared = {"trained_on": entry["trained_on"], "tested_on": tested}
        for name in ("recipe", "width"):
            shared[name] = entry.get(name, self.defaults.get(name, USUAL[name]))
        # Only where they say something: the parameters of runs without them stay what they were.
        scheme = check_scheme(self.file, entry.get("scheme", self.defaults.get("scheme", SCHEMES[0])), where)
        shared |= {"added": list(added)} if added or "added" in self.defaults else {}
        shared |= {"scheme": scheme} if scheme != SCHEMES[0] or "scheme" in self.defaults else {}
        shared |= self._own_precision(entry, where)
        check_name(shared["recipe"], self.file, f"'recipe' in {where}")
        self._refuse(
            entry.get("parameters", {}), (*SET_BY_STUDY, *IDENTITY, *USUAL, "grid"), f"the parameters of {where}"
        )
        return shared

    def _refuse(self, given: Mapping[str, Any], taken: Collection[str], where: str) -> None:
        """Raise BadInput for a parameter that the study sets itself: what is written for it would not count."""
        for name in given:
            if name in taken:
                raise BadInput(self.file, f"'{name}' in {where}", OWN_KEY)

    def _own_precision(self, entry: dict[str, Any], where: str) -> dict[str, str]:
        """The number format of a run that says another one than its study; empty for all others."""
        own, usual = entry.get("parameters", {}).get("precision", self.precision), self.precision
        if own == PROBED_PRECISION != usual:
            remedy = "Name a format, or set 'precision: auto' in the study's defaults, for all of its runs."
            raise BadInput(self.file, f"{where} lets its speed choose the number format", remedy)
        return {} if own == usual else {"precision": own}

    def _weights(self, given: str) -> str:
        """A released network by its name; else the path, from the notebooks, of a file or of the run with that id.

        Raises BadInput for a released network whose weights are not there.
        """
        if given in RELEASED:
            find_weights(given)
            return given
        path = Path(given).expanduser()
        if path.suffix != WEIGHTS_SUFFIX:
            path = self.folder.run(given).root
        return from_notebooks(path)

    def _run(self, entry: dict[str, Any], chosen: dict[str, Any], where: str) -> Job:
        run = run_id(chosen, entry.get("tag", ""))
        folder = self.folder.run(run).root
        notebook, declared = self._notebook(entry["notebook"])
        odd = [name for name in USUAL if chosen.get(name, "") not in ("", USUAL[name])]
        for name in (*IDENTITY, *odd):
            if name not in declared:
                remedy = f"Every notebook of runs declares {', '.join(IDENTITY)}."
                raise BadInput(notebook, f"declares no parameter '{name}'", remedy)
        grid, count = self.grids[chosen["trained_on"]], read_folds(self.file, entry, where)[1]
        usual = {name: value for name, value in USUAL.items() if name in declared and declared[name].default != value}
        automatic = usual | self._common(folder) | {"run": run, **chosen} | ({"grid": grid} if grid else {})
        own = entry.get("parameters", {}) | ({"folds": count} if count else {})
        parameters = self._parameters(declared, automatic, own, where)
        self._check(chosen, {name: item.default for name, item in declared.items()} | parameters, where)
        data = tuple(dict.fromkeys((chosen["trained_on"], *chosen["tested_on"], *chosen.get("added", ()))))
        weights = Path(chosen.get("pretrained", ""))
        earlier = "" if weights.suffix == WEIGHTS_SUFFIX or weights.name in RELEASED else weights.name
        return Job(run, notebook, folder, data, parameters, needs_gpu="device" in declared, earlier=earlier)

    def _check(self, chosen: dict[str, Any], parameters: dict[str, Any], where: str) -> None:
        """Raise BadInput for a method and data or choices that do not go together, or a fold that there is not."""
        check_choices(self.file, where, parameters)
        if "grid" in parameters:
            check_run(self.file, where, chosen, parameters["grid"], self.grids)
        check_fold(self.file, chosen["fold"], parameters.get("folds", 0), where)

    def questions(self) -> dict[str, Job]:
        """Every question notebook by its name; raises BadInput for an unknown one in ``after``."""
        entries = [{"notebook": x} if isinstance(x, str) else x for x in self.given.get("questions", [])]
        jobs: dict[str, Job] = {}
        for number, entry in enumerate(entries, start=1):
            where = f"question {number}"
            for name in entry.get("after", []):
                if name not in jobs:
                    raise BadInput(self.file, f"'after: {name}' in {where}", closest(name, jobs))
            job = self._question(entry, where)
            if job.id in jobs:
                reason = f"{where} asks '{job.id}' a second time"
                raise BadInput(self.file, reason, "Keep one of them: its answer lies in the folder of this name.")
            jobs[job.id] = job
        return jobs

    def _question(self, entry: dict[str, Any], where: str) -> Job:
        notebook, declared = self._notebook(entry["notebook"])
        check_name(notebook.stem.replace("-", "_"), self.file, f"the notebook of {where}, which names a folder")
        self._refuse(entry.get("parameters", {}), SET_BY_STUDY, f"the parameters of {where}")
        folder = self.folder.question(notebook.stem).root
        automatic = {**self._common(folder), "comparisons": self.given.get("comparisons", [])}
        parameters = self._parameters(declared, automatic, entry.get("parameters", {}), where)
        if {"metric", "unit"} & entry.get("parameters", {}).keys():
            check_unit(self.file, where, {name: item.default for name, item in declared.items()} | parameters)
        return Job(
            id=notebook.stem,
            notebook=notebook,
            folder=folder,
            data=tuple(self.given.get("data", {})) if "data" in declared else (),
            parameters=parameters,
            needs_runs="results" in declared,
            needs_gpu="device" in declared,
            after=tuple(entry.get("after", [])),
        )

    def _notebook(self, name: str) -> tuple[Path, dict[str, Parameter]]:
        path = find_notebook(self.root, name.removesuffix(".ipynb"))
        if path.stem not in self.declared:
            self.declared[path.stem] = read_parameters(path)
        declared = self.declared[path.stem]
        if "out" not in declared:
            raise BadInput(path, "declares no parameter 'out'", "It names the run's folder.")
        return path, declared

    def _common(self, folder: Path) -> dict[str, Any]:
        """What every notebook is given that declares it, whatever its entry in the study says."""
        results = StudyFolder(Path("..") / self.folder.root)
        paths = {"out": Path("..") / folder, "data": results.all_data, "results": results.root}
        words: dict[str, Any] = {name: path.as_posix() for name, path in paths.items()}
        sources = list(self.given.get("data", {}))
        words |= {"study": self.name, "sources": sources}
        if all(self.grids[name] for name in sources):
            words["grids"] = [self.grids[name] for name in sources]
        # case ids are the names of the image files without their endings
        words["development"] = [Path(name).stem for name in check_texts(self.given, "phantom_development", self.file)]
        return words | ({"grid": self.given["grid"]} if "grid" in self.given else {})

    def _parameters(
        self,
        declared: Mapping[str, Parameter],
        automatic: Mapping[str, Any],
        own: Mapping[str, Any],
        where: str,
    ) -> dict[str, Any]:
        shared = {name: value for name, value in {**self.defaults, **automatic}.items() if name in declared}
        self.used.update(name for name in self.defaults if name in declared)
        place = f"{self.file} ({where})"
        return check_parameters(declared, {**shared, **translate(declared, own, place)}, place)


def _filled(text: str, chosen: Mapping[str, Any]) -> str:
    """`text` with what the run `chosen` has in place of {method}, {variant}, {seed} and {fold}."""
    for name in ("method", "variant", "seed", "fold"):
        text = text.replace(f"{{{name}}}", str(chosen[name]))
    return text


def _earlier_run(text: str, chosen: Mapping[str, Any]) -> str:
    """The id of the run that METHOD/VARIANT means: it differs from the run `chosen` in these alone; else `text`."""
    if not ENTRY.fullmatch(text):
        return text
    method, variant = text.split("/")
    return run_id({**chosen, "method": method, "variant": variant})
