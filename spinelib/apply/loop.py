"""A run on a folder of films or volumes, one after the other: resumable, and no bad film stops the others.

Written to the folder `out`: masks/ (PNG of the film's own size, 255 where there is one structure, else its number; or
NIfTI in the voxels of the volume's file), overlays/ (thumbnails), results.csv, corners.csv and overlays.html.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.film import OutlinedFilm, outline_film
from spinelib.apply.find import ImageFile, find_sources
from spinelib.apply.picture import film_thumbnail, save_jpeg, volume_thumbnail, write_results_page
from spinelib.apply.table import FAILED, OK, RESULTS, ResultsTable, Row, cobb_facts, failed, file_digest, vertebra_rows
from spinelib.apply.volume import OutlinedVolume, outline_volume, save_like
from spinelib.core.errors import BadInput
from spinelib.core.files import replace
from spinelib.core.layout import LOCK
from spinelib.runs import lock
from spinelib.runs.state import read_state

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

MASKS, THUMBNAILS, PAGE = "masks", "overlays", "overlays.html"
# Tables are written at most so often, and at the end: a call that is killed loses no more than this.
EVERY = 1.0
# Thumbnails on the page; the others lie in their folder.
MOST = 300


@dataclass(frozen=True)
class Applied:
    """Result of a call: `results` (a row per film), how many were outlined now, before, and not; and the folder."""

    folder: Path
    results: pd.DataFrame
    made: int
    before: int
    failed: int

    def __str__(self) -> str:
        """One line for a notebook or a terminal."""
        words = f"{self.made} outlined, {self.before} outlined before, {self.failed} not usable; results in"
        return f"{words} {self.folder}"


def apply_run(
    run: Path | str | Predictor, source: Path | str, out: Path | str, *, device: str = "auto", progress: bool = True
) -> Applied:
    """Outline every film or volume in `source` with the network in the folder `run`; results go to `out`.

    Films whose bytes and whose run have not changed since an earlier call are passed over; failed ones are tried again.
    Raises BadInput for a folder without weights and their card, a source without films, and when `out` cannot be
    written or another process is writing it; never for a single film.
    """
    from spinelib.prediction.predictor import Predictor
    from spinelib.training.progress import Progress

    out = Path(out)
    _check_finished(run.folder if isinstance(run, Predictor) else Path(run))
    predictor = run if isinstance(run, Predictor) else Predictor.from_folder(run, device)
    sources = find_sources(source, predictor.card.dims, out)
    lock.take(out / LOCK)
    try:
        table, made, before, written = ResultsTable(out), 0, 0, time.monotonic()
        with Progress(len(sources), "outlining", enabled=progress) as shown:
            for number, each in enumerate(sources, 1):
                fresh = _one(predictor, each, table)
                made, before = made + (fresh is True), before + (fresh is None)
                if fresh is not None and time.monotonic() - written > EVERY:
                    table.write()
                    written = time.monotonic()
                shown.update(number, each.name, last=number == len(sources))
        table.keep([each.name for each in sources])
        results = table.write()
        _page(predictor, sources, table, out)
    finally:
        lock.release(out / LOCK)
    return Applied(out, results, made, before, len(sources) - made - before)


def _check_finished(folder: Path) -> None:
    """Raise BadInput for the folder of a run that has begun and not finished; released weights have no such state."""
    status = read_state(folder).status
    if status not in ("finished", "waiting"):
        raise BadInput(folder, f"holds no finished run (it is {status})", "Finish it, or choose another.")


def _one(predictor: Predictor, each: ImageFile, table: ResultsTable) -> bool | None:
    """Whether a film could be outlined; None when it was done before. Its rows go into `table`."""
    try:
        digest = file_digest(each.path)
        if table.done(each.name, predictor.digest, digest):
            return None
        outline = _film if predictor.card.dims == 2 else _volume
        row, corners = outline(predictor, each, table.out)
    # Any one file may be damaged in a way that nobody has seen before.
    except Exception as error:
        table.put(failed(each.name, error))
        return False
    about = {"file": each.name, "status": OK, "run": predictor.folder.resolve().name}
    table.put(about | row | {"run_digest": predictor.digest, "file_digest": digest}, corners)
    return True


def _film(predictor: Predictor, each: ImageFile, out: Path) -> tuple[Row, list[Row]]:
    found = outline_film(predictor, each.path)
    mask = f"{MASKS}/{each.stem}.png"
    save_jpeg(film_thumbnail(found), out / THUMBNAILS / f"{each.stem}.jpg")
    values = found.labels * 255 if len(predictor.card.classes) == 1 else found.labels
    with replace(out / mask) as temporary:
        Image.fromarray(values).save(temporary, "PNG")
    size = {"height": found.labels.shape[0], "width": found.labels.shape[1]}
    facts = _facts(predictor, found.labels, mask)
    oblong = "" if found.film.place.square else "its pixels are not square; angles are those of the body"
    facts["remark"] = "; ".join(text for text in (found.film.remark, oblong, str(facts["remark"])) if text)
    row = size | facts | cobb_facts(found.reading) | _answers(found)
    row["film_area"] = ";".join(map(str, found.film.place.in_file))
    if spacing := found.film.file_spacing:
        row["mm"] = _sizes(spacing[::-1] if found.film.place.turns % 2 else spacing)
    return row, vertebra_rows(each.name, found.reading)


def _volume(predictor: Predictor, each: ImageFile, out: Path) -> tuple[Row, list[Row]]:
    found: OutlinedVolume = outline_volume(predictor, each.path)
    mask = f"{MASKS}/{each.stem}.nii.gz"
    save_jpeg(volume_thumbnail(found, predictor.card.classes), out / THUMBNAILS / f"{each.stem}.jpg")
    save_like(out / mask, found.labels, found.volume, each.path)
    slices, height, width = found.labels.shape
    size = {"slices": slices, "height": height, "width": width, "mm": _sizes(found.volume.spacing)}
    facts = _facts(predictor, found.labels, mask)
    facts["remark"] = "; ".join(text for text in (found.volume.remark, str(facts["remark"])) if text)
    return size | facts, []


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
        rows.append(row | {"words": _words(row), "thumbnail": f"{each.stem}.jpg" if row["status"] == OK else ""})
    lost = sum(row["status"] == FAILED for row in table.rows.values())
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
