"""Small made-up films and landmarks for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from spinelib.cases import Case, draw_quadrilaterals, write_landmarks, write_manifest

NAME = "film {}, ü.png"


def spine(height=1000, width=400, bend=0.0):
    """Corners [17, 4, 2] of a column of boxes, bent sideways by `bend` px."""
    y = np.linspace(0.08, 0.92, 17) * height
    x = width / 2 + bend * np.sin(np.linspace(0, np.pi, 17))
    half_w, half_h = 0.12 * width, 0.018 * height
    out = np.empty((17, 4, 2))
    for k, (dx, dy) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1))):
        out[:, k] = np.stack([x + dx * half_w, y + dy * half_h], 1)
    return out


def film(height=1000, width=400, seed=0, bend=0.0):
    """Grey film, uint8 [H, W]: bone on a smooth body with noise."""
    rng = np.random.default_rng(seed)
    body = gaussian_filter(rng.normal(size=(height, width)), (height / 12, width / 8))
    bone = draw_quadrilaterals(spine(height, width, bend), (height, width)) > 0
    grey = 90 + 40 * body / np.abs(body).max() + 60 * bone + rng.normal(0, 6, (height, width))
    return np.clip(grey, 1, 255).astype(np.uint8)


def data_set(folder: Path, count=6, views=("coronal",), **changes):
    """A manifest with `count` films, two per patient, and landmarks; gives the cases."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    cases, corners = [], {}
    for k in range(count):
        height, width = 300 + 10 * k, 120 + 3 * k
        Image.fromarray(film(height, width, k)).save(folder / "images" / NAME.format(k))
        corners[f"c{k}"] = spine(height, width)
        fields = {
            "case": f"c{k}",
            "patient": f"p{k // 2}",
            "view": views[k % len(views)],
            "image": f"images/{NAME.format(k)}",
            "landmarks": "landmarks.csv",
            "spacing": (0.2, 0.2),
            "split": "train" if k < count - 2 else "test",
        }
        cases.append(Case(**{**fields, **changes}))
    write_manifest(cases, folder)
    write_landmarks(corners, folder)
    return cases
