"""From a study file to a checked study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spinelib.core import names
from spinelib.core.errors import BadInput, closest
from spinelib.core.layout import StudyFolder
from spinelib.runs.data import made_with
from spinelib.sources import check_data
from spinelib.study.expand import Expansion
from spinelib.study.folders import as_prepared
from spinelib.study.jobs import REPORTS, Job, Study
from spinelib.study.scale import at_scale, banner_text
from spinelib.study.schema import check_name, load_study_file
from spinelib.study.standins import SOURCE, with_given, with_weights


def read_study(file: Path | str, data: str = "", scale: str = "") -> Study:
    """Read ``studies/NAME.yaml`` and check it against the notebooks it names.

    `data` replaces ``$DATA`` in the sources; `scale` is one of the study's `scales`, whose name becomes part of the
    study's. Raises BadInput for anything misspelt, missing or of the wrong type, before anything runs.
    """
    file = Path(file)
    if scale:
        # Mistakes are told by the numbers and words of the file itself.
        read_study(file, data)
    given, notes = with_given(file, load_study_file(file), data)
    given, more = with_weights(at_scale(file, given, scale), data)
    name = check_name(scaled_name(file, scale), file, "a study")
    plan = Expansion(file, name, given)
    sources = {key: _options(file, name, key, value, data) for key, value in given.get("data", {}).items()}
    runs = plan.runs()
    comparisons = _comparisons(file, given.get("comparisons", []), runs)
    return Study(
        file=file,
        name=name,
        title=given["title"],
        question=given.get("question", ""),
        banner=banner_text(given.get("banner", ""), *notes, *more),
        data=sources,
        runs=runs,
        questions=plan.questions(),
        comparisons=comparisons,
        threads=given.get("threads", 1),
        memory_mb=given.get("memory_mb", 4000),
        minutes=given.get("minutes", 240),
        precision=plan.precision,
        scale=scale,
    )


def scaled_name(file: Path, scale: str) -> str:
    """What the study in `file` is called at a scale ('': full scale): the name of its folder of results."""
    return f"{file.stem}_{scale}" if scale else file.stem


def _options(file: Path, study: str, name: str, options: dict[str, Any], data: str) -> dict[str, Any]:
    source = options.get("source", "")
    if SOURCE in source:
        if not data:
            remedy = f"Run 'make study STUDY={file.stem} DATA=folder' with the folder of these files."
            raise BadInput(file, f"data '{name}' are files of yours", remedy)
        options = {**options, "source": source.replace(SOURCE, data)}
    prepared = StudyFolder(REPORTS / study).data(name)
    if source:
        options = {**options, "source": as_prepared(options["source"], prepared)}
    # The grid is the study's business: another grid needs no new preparation.
    options = {key: value for key, value in options.items() if key != "grid"}
    # To look at a data set's options its module is loaded, and torch with it: too long for a study that has finished.
    if made_with(prepared, options):
        return options
    try:
        check_data(options)
    except BadInput as error:
        raise BadInput(file, f"data '{name}': {error.file}: {error.reason}", error.remedy) from error
    return options


def _zero_shot(given: Mapping[str, Any]) -> list[str]:
    """The further name of a run on data other than it learned from."""
    if set(given.get("tested_on", ())) <= {given["trained_on"]}:
        return []
    recipe = given.get("recipe", "common")
    suffix = "" if recipe == "common" else f"_{recipe}"
    return ["/".join(names.entry(given)) + f"_from_{given['trained_on']}{suffix}"]


def _comparisons(file: Path, pairs: list[Any], runs: Mapping[str, Job]) -> list[list[str]]:
    known = _entries([job.parameters for job in runs.values()])
    zero = {name for job in runs.values() for name in _zero_shot(job.parameters)}
    for pair in pairs:
        for side in pair:
            if side not in known | zero:
                raise BadInput(file, f"comparison with '{side}'", closest(side, known | zero))
    return pairs


def _entries(runs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Names of the runs in the comparison, as `compare.study_cases` gives them.

    A paper's own recipe is part of the name, and the width where a study has one network in several.
    """
    widths: dict[tuple[str, str], set[float]] = {}
    for given in runs:
        recipe = given.get("recipe", "common")
        name = "/".join(names.entry(given)) + ("" if recipe == "common" else f"_{recipe}")
        widths.setdefault((name, given["trained_on"]), set()).add(given.get("width", 1.0))
    several = {f"{name}_width_{width:g}" for (name, _), found in widths.items() if len(found) > 1 for width in found}
    return several | {name for (name, _), found in widths.items() if len(found) == 1}
