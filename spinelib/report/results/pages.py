"""Render the pages of results: one per published study, one for speed, one for the calibration, and their index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jinja2

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import FIGURES, PUBLISHED_RECORDS, PUBLISHED_STUDIES, QUESTIONS, RUNS
from spinelib.report.results import angles, boards, calibration, claims, differences, questions, speed
from spinelib.report.results.published import AGAIN, PublishedStudy, entry_label, value
from spinelib.report.results.recomputed import recomputed
from spinelib.report.results.words import fixed, interval

PUBLISHED = Path("reports") / PUBLISHED_STUDIES
UP = "../../"  # from a page to the root of the repository
STUDY = "study.md.j2"  # of a study that has no words of its own
# Figures that every page of a study shows where they are published: their files, and what they are.
SHOWN = {
    f"{QUESTIONS}/31_complexity/{FIGURES}/losses_*": "Losses of all trainings on one axis",
    f"{QUESTIONS}/90_compare/{FIGURES}/confusion_*": "Which level is taken for which",
    f"{RUNS}/*-seg4regplus-full-*/{FIGURES}/activation.*": "Where Seg4Reg+ looks: its activation maps",
    f"{QUESTIONS}/30_robustness/{FIGURES}/quality_*": "Scores by the quality of the image",
}
FUNCTIONS = (
    *(angles.angle, angles.published_angle_board, angles.angle_holds, angles.below_answer, angles.routes),
    *(
        boards.board_places,
        boards.published_board,
        boards.spread,
        claims.claim,
        claims.claim_side,
        claims.published_number,
        claims.any_settled,
        claims.claims_by_paper,
        claims.tested,
    ),
    *(differences.published_differences, differences.lies, fixed, interval, entry_label, value),
    *(
        questions.recorded_answers,
        questions.amounts,
        questions.corruption_counts,
        questions.beside_papers,
        questions.corruptions,
        questions.errors_of_names,
    ),
    *(
        questions.fragile,
        questions.frontier_entries,
        questions.metrics,
        questions.million,
        questions.orders,
        questions.parts,
    ),
    *(questions.place_on_board, questions.network_sizes),
    *(
        calibration.repetitions,
        calibration.shares,
        calibration.span,
        calibration.not_kept,
        calibration.core_minutes,
        calibration.wrong,
    ),
    *(recomputed, speed.missed, speed.on_a_card, speed.speed_tables, speed.where),
)


def write_pages(root: Path, into: Path, names: Iterable[str] = ()) -> list[Path]:
    """Write the pages of the repository in `root` to the folder `into`: those of the studies named, all if none is.

    The index and the pages that are no study's are written in any case. Gives the paths. Raises BadInput for a study
    that is not published and a table that a page needs and cannot find.
    """
    studies = {
        path.parent.name: PublishedStudy(path.parent)
        for path in sorted((root / PUBLISHED).glob(f"*/{PUBLISHED_RECORDS}"))
    }
    unknown = sorted(set(names) - set(studies))
    if unknown:
        raise BadInput(root / PUBLISHED / unknown[0], "is not published", AGAIN)
    written = []
    for name, text in _rendered(root, studies, list(names) or list(studies)):
        write_text(into / f"{name}.md", text)
        written.append(into / f"{name}.md")
    return written


def _rendered(root: Path, studies: dict[str, PublishedStudy], names: list[str]) -> Iterator[tuple[str, str]]:
    """Name and text of every page."""
    environment = _environment(root, studies)
    known = set(environment.list_templates())
    for name in names:
        own = f"{name}.md.j2"
        template = environment.get_template(own if own in known else STUDY)
        yield name, _spaced(template.render(study=studies[name]))
    simulated = root / PUBLISHED / "calibration"
    for name in ("calibration", "speed", "README"):
        yield name, _spaced(environment.get_template(f"{name}.md.j2").render(folder=simulated))


def _spaced(text: str) -> str:
    """One empty line between blocks, one newline at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _environment(root: Path, studies: dict[str, PublishedStudy]) -> jinja2.Environment:
    loader = jinja2.PackageLoader("spinelib.report.results")
    environment = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update({function.__name__: function for function in FUNCTIONS})
    columns: dict[str, Any] = {name: getattr(boards, name) for name in ("FILMS", "VERTEBRAE", "VOLUMES")}
    environment.globals.update(
        studies=studies, root=root, figure=figure, further_figures=further_figures, UP=UP, **columns
    )
    return environment


def figure(study: PublishedStudy, question: str, name: str, words: str) -> str:
    """A published figure of a question, linked from a page; raises BadInput where it is not published."""
    place = f"{QUESTIONS}/{question}/{FIGURES}/{name}"
    if not study.has(place):
        raise BadInput(study.folder / place, "is not published", AGAIN)
    return _linked(study, place, words)


def _linked(study: PublishedStudy, place: str, words: str) -> str:
    return f"![{words}]({UP}{PUBLISHED.as_posix()}/{study.name}/{place})"


def further_figures(study: PublishedStudy) -> str:
    """The figures of SHOWN that the study has published, one below the other; '' without any."""
    links = []
    for pattern, words in SHOWN.items():
        found = sorted(study.folder.glob(pattern))
        # Of networks that differ in seed or fold alone the first stands for all.
        for path in found[:1] if pattern.startswith(RUNS) else found:
            rest = path.stem.removeprefix(Path(pattern).name.split("*")[0]).removesuffix("_common").replace("_", " ")
            about = words if pattern.startswith(RUNS) else f"{words}, {rest}"
            links.append(_linked(study, path.relative_to(study.folder).as_posix(), about))
    return "\n\n".join(links)
