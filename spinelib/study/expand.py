"""From the lists of a study file to its jobs: every combination of method, variant, seed and fold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from spinelib.errors import BadInput
from spinelib.runs.parameters import Parameter, check, closest, read_parameters
from spinelib.study.jobs import REPORTS, Job, run_id
from spinelib.study.schema import QUESTION, RUN, check_keys, check_name, check_numbers

NOTEBOOKS = Path("notebooks")
WEIGHTS = ".safetensors"
IDENTITY = ("study", "out", "data", "trained_on", "tested_on", "method", "variant", "seed", "fold")


class Expansion:
    """Expands the lists of one study file."""

    def __init__(self, file: Path, name: str, given: dict[str, Any]) -> None:
        self.file, self.name, self.given = file, name, given
        self.root = file.parent.parent
        self.defaults: dict[str, Any] = given.get("defaults", {})
        self.used: set[str] = set()
        self.declared: dict[str, dict[str, Parameter]] = {}

    def runs(self) -> dict[str, Job]:
        """Every run by its id; raises BadInput when two would share one, or a default reaches no notebook."""
        jobs: dict[str, Job] = {}
        for number, entry in enumerate(self.given.get("runs", []), start=1):
            for job in self._expand(entry, f"run {number}"):
                if job.id in jobs:
                    reason = f"run {number} repeats the run '{job.id}'"
                    raise BadInput(self.file, reason, "Give one of the two a 'tag: name' of its own.")
                if job.earlier and job.earlier not in jobs:
                    reason = f"run {number} starts from '{job.earlier}', which is no run before it"
                    raise BadInput(self.file, reason, closest(job.earlier, jobs))
                jobs[job.id] = job
        for name in self.defaults if jobs else ():
            if name not in self.used:
                known = {word for declared in self.declared.values() for word in declared}
                raise BadInput(self.file, f"no notebook declares the default '{name}'", closest(name, known))
        return jobs

    def _expand(self, entry: Any, where: str) -> Iterator[Job]:
        check_keys(entry, RUN, self.file, where, required=("notebook", "trained_on"))
        for one, many in (("method", "methods"), ("variant", "variants")):
            if one in entry and many in entry:
                raise BadInput(self.file, f"{where} has both '{one}' and '{many}'", "Keep one of them.")
        methods = entry.get("methods", [entry["method"]] if "method" in entry else [])
        if not methods:
            raise BadInput(self.file, f"{where} has no 'method'", "Add 'method: unet', for example.")
        variants = entry.get("variants", [entry.get("variant", "full")])
        seeds = check_numbers(entry.get("seeds", [0]), self.file, f"'seeds' in {where}")
        folds = check_numbers(entry.get("folds", [0]), self.file, f"'folds' in {where}")
        shared = self._shared(entry, where)
        for method, variant, seed, fold in product(methods, variants, seeds, folds):
            check_name(method, self.file, f"a method in {where}")
            check_name(variant, self.file, f"a variant in {where}")
            chosen = {**shared, "method": method, "variant": variant, "seed": seed, "fold": fold}
            yield self._run(entry, chosen, where)

    def _shared(self, entry: dict[str, Any], where: str) -> dict[str, Any]:
        tested = entry.get("tested_on", [entry["trained_on"]])
        for name in (entry["trained_on"], *tested):
            if name not in self.given.get("data", {}):
                known = self.given.get("data", {})
                raise BadInput(self.file, f"{where} uses unknown data '{name}'", closest(str(name), known))
        shared = {"trained_on": entry["trained_on"], "tested_on": tested}
        for name, usual in (("recipe", "common"), ("width", 1.0)):
            shared[name] = entry.get(name, self.defaults.get(name, usual))
        if "pretrained" in entry:
            shared["pretrained"] = self._weights(entry["pretrained"])
        check_name(shared["recipe"], self.file, f"'recipe' in {where}")
        for name in entry.get("parameters", {}):
            if name in (*IDENTITY, "recipe", "width", "pretrained", "run", "grid"):
                remedy = "Write it as a key of the run itself, or leave it out: the study sets it."
                raise BadInput(self.file, f"'{name}' in the parameters of {where}", remedy)
        return shared

    def _weights(self, given: str) -> str:
        """Path, from the notebooks, of a file of weights or of the folder of the run with that id."""
        path = Path(given).expanduser()
        if path.suffix != WEIGHTS:
            path = REPORTS / self.name / "runs" / given
        return path.as_posix() if path.is_absolute() else (Path("..") / path).as_posix()

    def _run(self, entry: dict[str, Any], chosen: dict[str, Any], where: str) -> Job:
        run = run_id(chosen, entry.get("tag", ""))
        folder = REPORTS / self.name / "runs" / run
        notebook, declared = self._notebook(entry["notebook"])
        usual = {"recipe": "common", "width": 1.0, "pretrained": ""}
        odd = [name for name in usual if chosen.get(name, "") not in ("", usual[name])]
        for name in (*IDENTITY, *odd):
            if name not in declared:
                remedy = f"Every notebook of runs declares {', '.join(IDENTITY)}."
                raise BadInput(self.root / notebook, f"declares no parameter '{name}'", remedy)
        automatic = {**self._common(folder), "run": run, **chosen}
        data = tuple(dict.fromkeys((chosen["trained_on"], *chosen["tested_on"])))
        parameters = self._parameters(declared, automatic, entry.get("parameters", {}), where)
        weights = Path(chosen.get("pretrained", ""))
        earlier = "" if weights.suffix == WEIGHTS else weights.name
        return Job(run, notebook, folder, data, parameters, needs_gpu="device" in declared, earlier=earlier)

    def questions(self) -> dict[str, Job]:
        """Every question notebook by its name; raises BadInput for an unknown one in ``after``."""
        entries = [{"notebook": x} if isinstance(x, str) else x for x in self.given.get("questions", [])]
        jobs: dict[str, Job] = {}
        for number, entry in enumerate(entries, start=1):
            where = f"question {number}"
            check_keys(entry, QUESTION, self.file, where, required=("notebook",))
            for name in entry.get("after", []):
                if name not in jobs:
                    raise BadInput(self.file, f"'after: {name}' in {where}", closest(str(name), jobs))
            jobs[Path(entry["notebook"]).stem] = self._question(entry, where)
        return jobs

    def _question(self, entry: dict[str, Any], where: str) -> Job:
        notebook, declared = self._notebook(entry["notebook"])
        folder = REPORTS / self.name / "questions" / notebook.stem
        automatic = {**self._common(folder), "comparisons": self.given.get("comparisons", [])}
        parameters = self._parameters(declared, automatic, entry.get("parameters", {}), where)
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
        path = NOTEBOOKS / f"{name.removesuffix('.ipynb')}.ipynb"
        if path.stem not in self.declared:
            self.declared[path.stem] = read_parameters(self.root / path)
        declared = self.declared[path.stem]
        if "out" not in declared:
            raise BadInput(self.root / path, "declares no parameter 'out'", "It names the run's folder.")
        return path, declared

    def _common(self, folder: Path) -> dict[str, Any]:
        """What every notebook is given that declares it, whatever its entry in the study says."""
        results = Path("..") / REPORTS / self.name
        paths = {"out": Path("..") / folder, "data": results / "data", "results": results}
        words: dict[str, Any] = {name: path.as_posix() for name, path in paths.items()}
        words |= {"study": self.name, "sources": list(self.given.get("data", {}))}
        # case ids are the names of the image files without their endings
        words["development"] = [Path(name).stem for name in self.given.get("phantom_development", [])]
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
        return check(declared, {**shared, **own}, f"{self.file} ({where})")
