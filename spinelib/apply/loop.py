"""Networks on a folder of films or volumes, one after the other: resumable, and no bad film stops the others.

Written to the folder `out`: masks/ (PNG of the film's own size, 255 where there is one structure, else its number; or
NIfTI in the voxels of the volume's file), overlays/ (thumbnails), results.csv, corners.csv and overlays.html. A film
or volume whose answer the network's gate refuses has an overlay, which shows why, and no mask.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.film import OutlinedFilm, outline_film
from spinelib.apply.find import SOUGHT, ImageFile, Sources, find_sources, refuse_name, refuse_path
from spinelib.apply.folder import ResultsFolder, check_out
from spinelib.apply.gate.judge import Judgement, judge_answer
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED
from spinelib.apply.networks import ChosenNetwork, Networks, OneNetwork
from spinelib.apply.page import PAGE, THUMBNAILS, write_overlays
from spinelib.apply.picture import film_thumbnail, save_jpeg, volume_thumbnail
from spinelib.apply.side import mask_names
from spinelib.apply.table import (
    EDITED,
    FAILED,
    RESULTS,
    ResultsTable,
    Row,
    cobb_facts,
    csv_text,
    failed,
    file_digest,
    file_table,
    found_vertebrae,
    gate_facts,
    hashed,
    level_remark,
    region_facts,
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

__all__ = ["FAILED", "MASKS", "OK", "PAGE", "RESULTS", "THUMBNAILS", "Applied", "apply_networks", "apply_run"]
MASKS = "masks"
# Tables are written at most so often, and at the end: a call that is killed loses no more than this.
EVERY = 5.0
# Masks are written much faster than at the usual level, and are little larger.
FAST = 1


@dataclass(frozen=True)
class Applied:
    """Result of a call: `results` (a row per film), how many were read now, before, and not; and the folder.

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
        words = f"{self.made} read, {self.before} read before, {self.failed} not usable"
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

    _check_finished(run.folder if isinstance(run, Predictor) else Path(run))
    check_out(Path(out), Path(source))
    network = OneNetwork(run if isinstance(run, Predictor) else Predictor.from_folder(run, device))
    return apply_networks(network, source, out, progress=progress, hash_patients=hash_patients)


def apply_networks(
    networks: Networks, source: Path | str, out: Path | str, *, progress: bool = True, hash_patients: bool = False
) -> Applied:
    """Outline every film or volume in `source` with the network that `networks` choose; the rest as `apply_run`."""
    out, source = Path(out), Path(source)
    folder = ResultsFolder(out, source, hash_patients)
    refuse_path(source)
    lock.take(out / LOCK)
    try:
        folder.claim()
        found = _readable(find_sources(source, networks.dims, out), networks, source)
        table = ResultsTable(folder)
        made, before = _all(networks, found.images, table, hash_patients, progress)
        for name, problem in found.problems.items():
            table.put(failed(name, BadInput(name, problem.problem, problem.remedy)))
        remarks = networks.remarks + _remarks(table, found)
        table.keep(found.names)
        results = table.write()
        write_text(out / FILE_TABLE, csv_text(file_table(found, table.rows)))
        write_overlays(out, networks.title, [(each.stem, table.rows[each.name]) for each in found.images])
    finally:
        lock.release(out / LOCK)
    return Applied(out, results, made, before, len(found.names) - made - before, len(found.ignored), remarks)


def _readable(found: Sources, networks: Networks, source: Path) -> Sources:
    """What is found without the files that no network reads. Raises BadInput where nothing is left."""
    for each in list(found.images):
        if reason := networks.passes_over(each):
            found.pass_over(each, reason)
    if not found.names:
        raise BadInput(source, f"holds no {SOUGHT[networks.dims]}", "Choose another folder, or another network.")
    return found


def _all(
    networks: Networks, images: Sequence[ImageFile], table: ResultsTable, hash_patients: bool, progress: bool
) -> tuple[int, int]:
    """Outline every image; how many were outlined now, and before."""
    from spinelib.training.progress import Progress

    made, before, lost, begun, written = 0, 0, 0, time.monotonic(), time.monotonic()
    with Progress(len(images), "reading", enabled=progress) as shown:
        for number, each in enumerate(images, 1):
            fresh = _one(networks, each, table, hash_patients)
            made, before, lost = made + (fresh is True), before + (fresh is None), lost + (fresh is False)
            if fresh is not None and time.monotonic() - written > EVERY:
                table.write()
                written = time.monotonic()
            pace = (time.monotonic() - begun) / max(made + lost, 1)
            shown.update(number, f"{each.name}, {pace:.1f} s a film", last=number == len(images))
    return made, before


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


def _one(networks: Networks, each: ImageFile, table: ResultsTable, hash_patients: bool) -> bool | None:
    """Whether a film could be outlined; None when it was done before. Its rows go into `table`."""
    try:
        refuse_name(each.path)
        if each.files:
            each = replace_fields(each, path=link_series(each.files, table.out / UNPACKED / each.stem))
        digest = file_digest(each.path)
        if table.done(each.name, digest) and networks.stands(table.rows[each.name]):
            return None
        choice = networks.choose(each)
        outline = _film if choice.predictor.card.dims == 2 else _volume
        choice, row, corners = outline(choice, each, table.folder)
        row |= hashed(row) if hash_patients else {}
    # Any one file may be damaged in a way that nobody has seen before.
    except Exception as error:
        table.put(failed(each.name, error))
        return False
    predictor = choice.predictor
    table.folder.know_classes(predictor.folder.resolve().name, mask_names(predictor.card))
    by = {"network": predictor.folder.resolve().name, "chosen_by": choice.by, "network_digest": choice.digest}
    table.put({"file": each.name, "status": OK} | row | by | {"file_digest": digest}, corners)
    return True


def _judged(choice: ChosenNetwork, each: ImageFile) -> tuple[ChosenNetwork, OutlinedFilm, Judgement]:
    """The answer to a film, and whose it is: of the network's second, if that is ok and the first one was refused."""
    found = outline_film(choice.predictor, each.path, choice.film)
    judgement = judge_answer(choice.predictor, found)
    if judgement.status == REFUSED and choice.second is not None:
        other, again, verdict = _judged(choice.second(), each)
        if verdict.status == OK:
            return other, again, verdict
    return choice, found, judgement


def _film(choice: ChosenNetwork, each: ImageFile, folder: ResultsFolder) -> tuple[ChosenNetwork, Row, list[Row]]:
    choice, found, judgement = _judged(choice, each)
    mask = f"{MASKS}/{each.stem}.png"
    save_jpeg(film_thumbnail(found), folder.out / THUMBNAILS / f"{each.stem}.jpg")
    if judgement.status == REFUSED:
        folder.drop_mask(mask)
        return choice, _refused(found, judgement), []
    values = found.labels * 255 if len(found.names) == 1 else found.labels
    with folder.mask(mask) as path, replace(path) as temporary:
        Image.fromarray(values).save(temporary, "PNG", compress_level=FAST)
    size = {"height": found.labels.shape[0], "width": found.labels.shape[1]}
    facts = _facts(found.names, found.labels, mask)
    oblong = "" if found.film.place.square else "its pixels are not square; angles are those of the body"
    remarks = (found.film.remark, oblong, str(facts["remark"]), level_remark(found.reading))
    facts["remark"] = "; ".join(text for text in remarks if text)
    angles = cobb_facts(found.reading) | region_facts(found.reading) | _answers(found)
    row = size | facts | angles | gate_facts(judgement)
    row["film_area"] = ";".join(map(str, found.film.place.in_file))
    if spacing := found.film.file_spacing:
        row["mm"] = _sizes(spacing[::-1] if found.film.place.turns % 2 else spacing)
    row |= asdict(found.film.facts)
    return choice, row, found_vertebrae(each.name, found)


def _refused(found: OutlinedFilm, judgement: Judgement) -> Row:
    """The row of a film whose answer is not given."""
    size = {"height": found.labels.shape[0], "width": found.labels.shape[1], "remark": found.film.remark}
    return size | gate_facts(judgement) | asdict(found.film.facts)


def _volume(choice: ChosenNetwork, each: ImageFile, folder: ResultsFolder) -> tuple[ChosenNetwork, Row, list[Row]]:
    found: OutlinedVolume = outline_volume(choice.predictor, each.path)
    judgement = judge_answer(choice.predictor, found)
    mask, classes = f"{MASKS}/{each.stem}.nii.gz", choice.predictor.card.classes
    save_jpeg(volume_thumbnail(found, classes), folder.out / THUMBNAILS / f"{each.stem}.jpg")
    slices, height, width = found.labels.shape
    size = {"slices": slices, "height": height, "width": width, "mm": _sizes(found.volume.spacing)}
    row = size | asdict(series_facts(each.path)) | gate_facts(judgement) | {"remark": found.volume.remark}
    if judgement.status == REFUSED:
        folder.drop_mask(mask)
        return choice, row, []
    with folder.mask(mask) as path:
        save_like(path, found.labels, found.volume, each.path)
    facts = _facts(dict(enumerate(classes, 1)), found.labels, mask)
    remark = "; ".join(text for text in (found.volume.remark, str(facts["remark"])) if text)
    return choice, row | facts | {"remark": remark}, []


def _facts(names: Mapping[int, str], labels: NDArray[np.uint8], mask: str) -> Row:
    counts = np.bincount(labels.ravel(), minlength=256)
    there = [name for number, name in names.items() if counts[number]]
    remark = "" if there else "nothing was outlined"
    return {"mask": mask, "structures": ";".join(there), "outlined": int(counts[1:].sum()), "remark": remark}


def _answers(found: OutlinedFilm) -> Row:
    answers = [] if found.answers is None else found.answers.tolist()
    return {f"network_an{k}": round(float(angle), 2) for k, angle in enumerate(answers, 1)}


def _sizes(millimetres: Sequence[float]) -> str:
    return ";".join(f"{mm:.6g}" for mm in millimetres)
