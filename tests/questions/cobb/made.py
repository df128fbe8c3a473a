"""A study of drawn spines whose Cobb angles are known."""

import numpy as np
from PIL import Image

from spinelib.cases import Case, load_arrays, write_landmarks, write_manifest, write_problems
from spinelib.runs.predictions import save_predictions
from spinelib.runs.tables import CASE_COLUMNS
from tests.measures.cobb.spines import GRID, c_curve, mask_of

# Standing and bent angle of every patient, degrees; the last has no bending film.
PATIENTS = {"p0": (40.0, 20.0), "p1": (50.0, 25.0), "p2": (20.0, 10.0), "p3": (6.0, None)}


def write_data(folder, corners=True):
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    curves, cases = {}, []
    for patient, pair in PATIENTS.items():
        for view, angle in zip(("coronal", "left_bending"), pair, strict=True):
            if angle is None:
                continue
            name = f"{patient}_{view}"
            curves[name] = c_curve(angle)
            noise = np.random.default_rng(0).integers(1, 255, GRID).astype(np.uint8)
            Image.fromarray(noise).save(folder / "images" / f"{name}.png")
            Image.fromarray(255 * mask_of(curves[name])).save(folder / "masks" / f"{name}.png")
            near = ("elsewhere",) if patient == "p1" else ()
            landmarks = "landmarks.csv" if corners else ""
            facts = {"landmarks": landmarks, "mask": "" if corners else f"masks/{name}.png", "near_duplicate": near}
            cases.append(Case(name, patient, view, f"images/{name}.png", split="test", **facts))
    if corners:
        write_landmarks(curves, folder)
    write_problems([], folder)
    write_manifest(cases, folder)
    return load_arrays(folder, GRID)


def write_run(results, run, dataset, films, maps, angles=None, **changes):
    folder = results / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    save_predictions(folder / "predictions" / f"{dataset}.npz", list(films.table["case"]), maps, angles=angles)
    (folder / "run.json").write_text("{}")
    about = {"study": "s", "run": run, "dataset": dataset, "trained_on": dataset, "method": "unet", "variant": "full"}
    about |= {"recipe": "common", "width": 1.0, "seed": 0, "fold": 0, "condition": "none", "severity": 0}
    about |= {"structure": "spine", "metric": "dice", "value": 1.0, "unit": "1", "status": "ok", **changes}
    columns = films.table[["split", "case", "patient", "view", "near_duplicate"]]
    return columns.assign(**about)[CASE_COLUMNS]
