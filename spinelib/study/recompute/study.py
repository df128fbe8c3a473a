"""Recompute one published study: tables, figures of verdicts, records, index, and a mark on each page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import (
    ANGLE_TABLE,
    COBB_TABLE,
    INDEX,
    PAGE,
    PUBLISHED_RECORDS,
    QUESTIONS,
    RECOMPUTED,
    STUDY_FACTS,
    SUMMARY_TABLE,
    VERDICT_TABLE,
)
from spinelib.questions.ablation.words import parts_by_verdict
from spinelib.questions.claims.words import tested_lines
from spinelib.questions.cobb.angle_tables import ERROR_NAMES
from spinelib.questions.cobb.angles import read_rows
from spinelib.questions.compare.words import compared, leader
from spinelib.report.publish.placing import put_files
from spinelib.report.publish.tables import compact, records_text
from spinelib.report.results.outdated import LEDGER, VERDICTS, ledger_changes
from spinelib.report.results.published import CONTRASTS, PublishedStudy
from spinelib.report.results.recomputed import STANDS, place_outcomes, recomputed_words
from spinelib.runs import machine
from spinelib.study.known import known_studies
from spinelib.study.recompute import judged
from spinelib.study.recompute.figures import SMAPE, anew_figures, angle_leaders
from spinelib.study.recompute.marks import index_mark, marked, page_mark
from spinelib.study.recompute.stage import index_again
from spinelib.study.scale import banner_text
from spinelib.study.schema import load_study_file

TESTS, PARTS = f"{QUESTIONS}/60_significance", f"{QUESTIONS}/35_ablation/parts.csv"
CLAIMS, ORDERS = f"{QUESTIONS}/70_claims/{VERDICT_TABLE}", f"{QUESTIONS}/50_generalisation/agreement.csv"
ANGLES, BOARDS = f"{QUESTIONS}/40_cobb/{ANGLE_TABLE}", f"{QUESTIONS}/40_cobb/{COBB_TABLE}"
Tables = dict[str, pd.DataFrame]


def recompute_study(folder: Path) -> str:
    """Judge the published study in `folder` by the rules of today, whole or not at all; say what became of it.

    Of one that was published by these rules only the index is written anew, from the same numbers. Raises BadInput for
    a folder that holds no published study, and for one of earlier rules that trained anything twice.
    """
    study = _published(folder)
    if "missed" in study.table(SUMMARY_TABLE):
        return _index_alone(folder, study)
    anew, again = judged_tables(study), computed_tables(study)
    judging = anew_figures(anew.get(CLAIMS), anew.get(PARTS), anew.get(CONTRASTS))
    computing = anew_figures(angles=again.get(BOARDS))
    files = _with_tables(folder, anew | again, judging | computing)
    records = _answered(study, anew | again)
    rows = place_outcomes(files, [*anew, *judging], [*again, *computing], _commit())
    sentences = recomputed_words(rows, study)
    files[PUBLISHED_RECORDS] = records_text(records).encode()
    files[RECOMPUTED] = rows.to_csv(index=False).encode()
    files |= {place: _marked_page(place, files, records, rows) for place in files if place.endswith(f"/{PAGE}")}
    files[INDEX] = index_again(files, records, index_mark(sentences)).encode()
    put_files(files, folder)
    return "\n  ".join([f"{folder}: {len(files)} files", *sentences])


def _with_tables(folder: Path, tables: Tables, drawn: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the publication by place, with these tables, and these figures where it has them."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    files = {place: data for place, data in files.items() if not place.startswith(f"{TESTS}/tests_")}
    files[STUDY_FACTS] = _reworded(files[STUDY_FACTS])
    files |= {place: compact(table.to_csv(index=False)).encode() for place, table in tables.items()}
    return files | {place: png for place, png in drawn.items() if place in files}


def _reworded(facts: bytes) -> bytes:
    """A study's facts with the banner of its file today: words of the study, which no run has made."""
    study = json.loads(facts)
    file = known_studies().get(study["name"])
    if file is None or not study.get("banner"):
        return facts
    banner = banner_text(load_study_file(file).get("banner", ""))
    return f"{json.dumps(study | {'banner': banner}, indent=1, ensure_ascii=False)}\n".encode()


def _commit() -> str:
    code = machine.code()
    return f"{code['commit']}{' with local changes' if code['dirty'] else ''}"


def _index_alone(folder: Path, study: PublishedStudy) -> str:
    files = _with_tables(folder, {}, {})
    files[INDEX] = index_again(files, study.records, "").encode()
    put_files(files, folder)
    return f"{folder}: was published by the rules of today; its index is written anew"


def _published(folder: Path) -> PublishedStudy:
    if not (folder / PUBLISHED_RECORDS).exists():
        raise BadInput(folder, "is not the folder of a published study", "Give reports/published/STUDY.")
    study = PublishedStudy(folder)
    if study.trained_again and "missed" not in study.table(SUMMARY_TABLE):
        raise BadInput(folder, "holds several trainings, which only their case tables can judge", "Run it again.")
    return study


def judged_tables(study: PublishedStudy) -> Tables:
    """Tables by place that today's rules judge otherwise, from what the study has published."""
    found: Tables = {}
    rules = {CLAIMS: judged.judged_claims, PARTS: judged.judged_parts, ORDERS: judged.judged_orders}
    for place, judge in rules.items():
        if study.has(place):
            found[place] = judge(study.table(place))
    tests = [
        judged.judged_differences(study.table(path.relative_to(study.folder).as_posix()), path.stem[6:], study.summary)
        for path in sorted((study.folder / TESTS).glob("tests_*.csv"))
    ]
    if tests:
        found[CONTRASTS] = pd.concat(tests, ignore_index=True)
    elif study.has(CONTRASTS):
        found[CONTRASTS] = study.table(CONTRASTS)
    return found


def computed_tables(study: PublishedStudy) -> Tables:
    """Tables by place that can be computed again: boards of Cobb angles, where those of all films are published."""
    return {BOARDS: judged.judged_angles(read_rows(study.folder / ANGLES))} if study.has(ANGLES) else {}


def _answered(study: PublishedStudy, anew: Tables) -> dict[str, dict[str, Any]]:
    """The records with the answers and the counts of verdicts that the tables give now."""
    told = dict(_answers(anew))
    counts = {
        place.rpartition("/")[0]: table["verdict"].value_counts() for place, table in anew.items() if "verdict" in table
    }
    records = {}
    changes = {VERDICTS: {LEDGER: ledger_changes(study)}}
    for name, record in study.records.items():
        lines = told.get(name, [judged.without_overlaps(line) for line in record.get("answer", [])])
        facts = (record.get("facts") or {}) | changes.get(name, {})
        facts |= {"verdicts": counts[name].to_dict()} if "verdicts" in facts and name in counts else {}
        records[name] = {**record, "facts": facts} | ({"answer": lines} if "answer" in record else {})
    return records


def _answers(anew: Tables) -> Iterator[tuple[str, list[str]]]:
    for place, table in anew.items():
        question = place.rpartition("/")[0]
        if place == CLAIMS:
            yield question, [tested_lines(table)]
        elif place == PARTS:
            yield question, parts_by_verdict(table)
        elif place == BOARDS:
            error = ERROR_NAMES[SMAPE]
            yield question, [leader(rows, data, "Cobb angles", *error) for data, rows in angle_leaders(table)]
        elif place == ORDERS:
            pairs = table[["one", "other", "methods", "reading"]].itertuples(index=False, name=None)
            yield question, ["{} and {} (methods in common: {}): {}".format(*pair) for pair in pairs]
        else:
            yield question, [compared(own, str(name)) for name, own in table.groupby("dataset", sort=False)]


def _marked_page(place: str, files: dict[str, bytes], records: dict[str, dict[str, Any]], rows: pd.DataFrame) -> bytes:
    """The page of a run or question with its mark; rows: of `place_outcomes`."""
    job = place.removesuffix(f"/{PAGE}")
    record = records.get(job, {})
    made = f"{str(record.get('started', ''))[:10]}, commit {record.get('commit', 'unknown')}"
    why = rows.loc[rows["what"] == place, "why"].iloc[0]
    own = rows[rows["what"].str.startswith(f"{job}/") & (rows["became"] != STANDS)]
    tables = [what.rpartition("/")[2] for what in own["what"]]
    return marked(files[place].decode(), page_mark(place, made, why, tables)).encode()
