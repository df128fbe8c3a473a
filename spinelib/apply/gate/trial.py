"""A network's answers to many pictures, measured: one row each, from which a gate is made and by which it is tested."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
from PIL import Image

from spinelib.apply.gate.answers import AnswerType, answer_type
from spinelib.apply.gate.made import MadePicture
from spinelib.cases.volume import save_volume
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor

# Columns of what a row says of its picture, before its signs.
FACTS = ("kind", "patient", "severity", "readable", "unseen", "answered", "error", "dice")


def measure_pictures(predictor: Predictor, pictures: Iterable[MadePicture]) -> pd.DataFrame:
    """A row for every picture, columns FACTS and the signs of the network's answers.

    answered: whether there is anything to judge; signs and error (`compare`) are NaN without, dice where not known. A
    picture goes through a file, as a user's does.
    """
    answers = answer_type(predictor.card)
    if answers is None:
        raise BadInput(predictor.folder, "has answers that no gate judges", "Give a network as the released ones.")
    with TemporaryDirectory() as folder:
        rows = [_made_row(answers, predictor, each, Path(folder)) for each in pictures]
    return pd.DataFrame(rows, columns=[*FACTS, *answers.signs])


def _made_row(answers: AnswerType, predictor: Predictor, picture: MadePicture, folder: Path) -> dict[str, Any]:
    facts = {name: getattr(picture, name) for name in ("kind", "patient", "severity", "readable", "unseen")}
    nothing = {"answered": False, "error": float("nan"), "dice": float("nan")}
    try:
        found = answers.outline(predictor, _saved(picture, folder))
    # A picture that the reader refuses, as one of a single grey.
    except BadInput:
        return facts | nothing
    signs = answers.measure(predictor, found)
    error, dice = answers.compare(found, picture)
    if signs is None:
        return facts | nothing | {"dice": dice}
    return facts | {"answered": True, "error": error, "dice": dice} | signs


def _saved(picture: MadePicture, folder: Path) -> Path:
    """The file of a picture, as fast as it can be written."""
    if picture.pixels.ndim == 3:
        save_volume(folder / "volume.nii", picture.pixels, picture.spacing)
        return folder / "volume.nii"
    Image.fromarray(picture.pixels).save(folder / "film.png", compress_level=1)
    return folder / "film.png"
