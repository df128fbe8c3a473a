"""A run on a folder of films or volumes, one after the other: resumable, and no bad film stops the others.

Written to the folder `out`: masks/ (PNG of the film's own size, 255 where there is one structure, else its number; or
NIfTI in the voxels of the volume's file), overlays/ (thumbnails), results.csv, corners.csv and overlays.html. A film
whose answer the network's gate refuses has an overlay, which shows why, and no mask.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.film import OutlinedFilm, outline_film
from spinelib.apply.find import ImageFile, Sources, find_sources, refuse_name, refuse_path
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.gate.judge import Judgement, judge
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED, gate_digest
from spinelib.apply.picture import film_thumbnail, save_jpeg, volume_thumbnail, write_results_page
from spinelib.apply.table import (
    EDITED,
    FAILED,
    RESULTS,
    SHOWN,
    ResultsTable,
    Row,
    cobb_facts,
    failed,
    file_digest,
    file_table,
    gate_facts,
    hashed,
    vertebra_rows,
)
from spinelib.apply.volume import OutlinedVolume, outline_volume, save_like
from spinelib.cases.readers.series_list import link_series
from spinelib.core.errors import BadInput
from spinelib.core.files import replace, write_text
from spinelib.core.layout import FILE_TABLE, LOCK, UNPACKED
from spinelib.runs import lock
from spinelib.runs.state import read_state
from spinelib.sources.patients import series_facts

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

MASKS, THUMBNAILS, PAGE = "masks", "overlays", "overlays.html"
# Tables are written at most so often, and at the end: a call that is killed loses no more than this.
EVERY = 1.0
# Thumbnails on the page; the others lie in their folder.
MOST = 300


@dataclass(frozen=True)
class Applied:
    """Result of a call: `results` (a row per film), how many were outlined now, before, and not; and the folder.

    ignored: files of the source that are no films; remarks: what was found changed since an earlier call.
    """

    folder: Path
    results: pd.DataFrame
    made: int
    before: int
    failed: int
    ignored: int = 0
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """A line for a notebook or a terminal, and one for everything that was found changed."""
        words = f"{self.made} outlined, {self.before} outlined before, {self.failed} not usable"
        count = self.results["status"].value_counts()
        gated = [f"{count[name]} {name}" for name in (DOUBTFUL, REFUSED) if name in count]
        words += f" (of all: {', '.join(gated)})" if gated else ""
        words += f", {self.ignored} files passed over ({FILE_TABLE})" if self.ignored else ""
        return "\n".join([*self.remarks, f"{words}; results in {self.folder}"])


def apply_run(
    run: Path | str | Predictor,
    source: Path | str,
    out: Path | str,
    *,
    device: str = "auto",
    progress: bool = True,
    hash_patients: bool = False,
) -> Applied:
    """Outline every film or volume in `source` with the network in the folder `run`; results go to `out`.

    Films whose bytes and whose run have not changed since an earlier call are passed over; failed ones are tried again.
    With `hash_patients` the table holds a digest of what a header calls its patient, and no accession number.
    Raises BadInput for a folder without weights and their card, a source without films, when `out` holds anything else
    than results of this source, cannot be written or another process is writing it; never for a single film.
    """
    from spinelib.prediction.predictor import Predictor
    from spinelib.training.progress import Progress

    out = Path(out)
    _check_finished(run.folder if isinstance(run, Predictor) else Path(run))
    folder = ResultsFolder(out, Path(source), hash_patients)
    predictor = run if isinstance(run, Predictor) else Predictor.from_folder(run, device)
    refuse_path(Path(source))
    lock.take(out / LOCK)
    try:
        folder.claim()
        found = find_sources(source, predictor.card.dims, out)
        table, made, before, written = ResultsTable(folder), 0, 0, time.monotonic()
        with Progress(len(found.images), "outlining", enabled=progress) as shown:
            for number, each in enumerate(found.images, 1):
                fresh = _one(predictor, each, table, hash_patients)
                made, before = made + (fresh is True), before + (fresh is None)
                if fresh is not None and time.monotonic() - written > EVERY:
                    table.write()
                    written = time.monotonic()
                shown.update(number, each.name, last=number == len(found.images))
        for name, problem in found.problems.items():
            table.put(failed(name, BadInput(name, problem.problem, problem.remedy)))
        remarks = _remarks(table, found)
        table.keep(found.names)
        results = table.write()
        write_text(out / FILE_TABLE, file_table(found, table.rows).to_csv(index=False))
        _page(predictor, found.images, table, out)
    finally:
        lock.release(out / LOCK)
    return Applied(out, results, made, before, len(found.names) - made - before, len(found.ignored), remarks)


def _remarks(table: ResultsTable, found: Sources) -> tuple[str, ...]:
    """What is not as an earlier call left it."""
    gone = sorted(set(table.rows) - set(found.names))
    edited = [name for name, row in table.rows.items() if row.get("remark") == EDITED and name not in gone]
    words = [f"{path.name}: the table was edited since; kept under this name" for path in table.kept]
    words += [f"no longer in the source, their rows are dropped, their masks stay: {_some(gone)}"] if gone else []
    return (*words, f"masks that were edited since, kept as they are: {_some(edited)}") if edited else tuple(words)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _check_finished(folder: Path) -> None:
    """Raise BadInput for the folder of a run that has begun and not finished; released weights have no such state."""
    status = read_state(folder).status
    if status not in ("finished", "waiting"):
        raise BadInput(folder, f"holds no finished run (it is {status})", "Finish it, or choose another.")


def _one(predictor: Predictor, each: ImageFile, table: ResultsTable, hash_patients: bool) -> bool | None:
    """Whether a film could be outlined; None when it was done before. Its rows go into `table`."""
    try:
        refuse_name(each.path)
        if each.files:
            each = replace_fields(each, path=link_series(each.files, table.out / UNPACKED / each.stem))
        digest = file_digest(each.path)
        # Another gate says otherwise of the same answer.
        network = predictor.digest + gate_digest(predictor.folder)
        if table.done(each.name, network, digest):
            return None
        outline = _film if predictor.card.dims == 2 else _volume
        row, corners = outline(predictor, each, table.folder)
        row |= hashed(row) if hash_patients else {}
    # Any one file may be damaged in a way that nobody has seen before.
    except Exception as error:
        table.put(failed(each.name, error))
        return False
    about = {"file": each.name, "status": OK, "run": predictor.folder.resolve().name}
    table.put(about | row | {"run_digest": network, "file_digest": digest}, corners)
    return True


def _film(predictor: Predictor, each: ImageFile, folder: ResultsFolder) -> tuple[Row, list[Row]]:
    found = outline_film(predictor, each.path)
    judgement = judge(predictor, found)
    mask = f"{MASKS}/{each.stem}.png"
    save_jpeg(film_thumbnail(found), folder.out / THUMBNAILS / f"{each.stem}.jpg")
    if judgement.status == REFUSED:
        folder.drop_mask(mask)
        return _refused(found, judgement), []
    values = found.labels * 255 if len(predictor.card.classes) == 1 else found.labels
    with folder.mask(mask) as path, replace(path) as temporary:
        Image.fromarray(values).save(temporary, "PNG")
    size = {"height": found.labels.shape[0], "width": found.labels.shape[1]}
    facts = _facts(predictor, found.labels, mask)
    oblong = "" if found.film.place.square else "its pixels are not square; angles are those of the body"
    facts["remark"] = "; ".join(text for text in (found.film.remark, oblong, str(facts["remark"])) if text)
    row = size | facts | cobb_facts(found.reading) | gate_facts(judgement) | _answers(found)
    row["film_area"] = ";".join(map(str, found.film.place.in_file))
    if spacing := found.film.file_spacing:
        row["mm"] = _sizes(spacing[::-1] if found.film.place.turns % 2 else spacing)
    row |= asdict(found.film.facts)
    return row, vertebra_rows(each.name, found.reading)


def _refused(found: OutlinedFilm, judgement: Judgement) -> Row:
    """The row of a film whose answer is not given."""
    size = {"height": found.labels.shape[0], "width": found.labels.shape[1], "remark": found.film.remark}
    return size | gate_facts(judgement) | asdict(found.film.facts)


def _volume(predictor: Predictor, each: ImageFile, folder: ResultsFolder) -> tuple[Row, list[Row]]:
    found: OutlinedVolume = outline_volume(predictor, each.path)
    mask = f"{MASKS}/{each.stem}.nii.gz"
    save_jpeg(volume_thumbnail(found, predictor.card.classes), folder.out / THUMBNAILS / f"{each.stem}.jpg")
    with folder.mask(mask) as path:
        save_like(path, found.labels, found.volume, each.path)
    slices, height, width = found.labels.shape
    size = {"slices": slices, "height": height, "width": width, "mm": _sizes(found.volume.spacing)}
    facts = _facts(predictor, found.labels, mask)
    facts["remark"] = "; ".join(text for text in (found.volume.remark, str(facts["remark"])) if text)
    return size | facts | asdict(series_facts(each.path)), []


def _facts(predictor: Predictor, labels: NDArray[np.uint8], mask: str) -> Row:
    counts = np.bincount(labels.ravel(), minlength=len(predictor.card.classes) + 1)[1:]
    names = [name for name, count in zip(predictor.card.classes, counts, strict=True) if count]
    remark = "" if names else "nothing was outlined"
    return {"mask": mask, "structures": ";".join(names), "outlined": int(counts.sum()), "remark": remark}


def _answers(found: OutlinedFilm) -> Row:
    answers = [] if found.answers is None else found.answers.tolist()
    return {f"network_an{k}": round(float(angle), 2) for k, angle in enumerate(answers, 1)}


def _sizes(millimetres: Sequence[float]) -> str:
    return ";".join(f"{mm:.6g}" for mm in millimetres)


def _page(predictor: Predictor, sources: Sequence[ImageFile], table: ResultsTable, out: Path) -> None:
    from spinelib.plots.style import label

    rows: list[dict[str, Any]] = []
    for each in sources[:MOST]:
        row = {"slices": "", "reason": "", "remedy": "", **table.rows[each.name]}
        rows.append(row | {"words": _words(row), "thumbnail": f"{each.stem}.jpg" if row["status"] in SHOWN else ""})
    lost = sum(row["status"] in (FAILED, REFUSED) for row in table.rows.values())
    counts = f"{len(sources) - lost} of {len(sources)} outlined by {predictor.folder.resolve().name}."
    facts = [counts, "Not a medical device: a network's outlines and angles need a reader's eye."]
    facts += [f"The first {MOST} are shown; all are in {RESULTS} and {THUMBNAILS}/."] if len(sources) > MOST else []
    write_results_page(out / PAGE, f"{label(predictor.name)}: outlines", facts, rows, out / THUMBNAILS)


def _words(row: Row) -> str:
    """What stands below a thumbnail."""
    if row.get("an1") not in (None, ""):
        words = f"Cobb {float(row['an1']):.1f}, {float(row['an2']):.1f}, {float(row['an3']):.1f}\N{DEGREE SIGN}"
        return f"{words}; confidence {float(row['confidence']):.2f}; {row['cobb_reason'] or row['cobb_status']}"
    if row.get("cobb_status"):
        return f"no angle: {row['cobb_reason'] or row['cobb_status']}"
    count = len(str(row.get("structures", "")).split(";")) if row.get("structures") else 0
    return str(row.get("remark") or f"{count} structure{'s' if count != 1 else ''}")
