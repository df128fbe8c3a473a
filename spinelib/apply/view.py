"""Whether a film shows the spine from the front or from the side: by its header, else by its picture.

(A) DICOM PS3.3 C.8.1.3 and C.8.7.1: ViewPosition says how a radiograph was taken (AP, PA, LL, RL). (C) Where it does
not, words of the view's code, of the body part and of the series' description do, unless they name both views. A
picture is judged by a logistic regression on a small copy of it and on how that differs from its mirror image; its
numbers come from digital patients (`view_fit`), never from a real film.

Marks: (A) stated in the standard, (C) our choice.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.dicom_header import read_header, text
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput
from spinelib.core.layout import VIEW_RULE
from spinelib.core.seals import sealed, unbroken
from spinelib.core.shipped import shipped

FRONT, SIDE = "front", "side"
# Log-odds from which on a film counts as one from the side. (C) Chosen on the development films, all from the front, of
# which none is to be kept from its network (`view_fit --real` counts them). What that network is given by mistake its
# gate has to refuse.
CERTAIN = 2.0
# Rows and columns of the small copy.
SMALL = (32, 16)
POSITIONS = {"AP": FRONT, "PA": FRONT, "LL": SIDE, "RL": SIDE, "LAT": SIDE, "LATERAL": SIDE}
SAID = {
    FRONT: re.compile(r"\b(ap|pa|antero.?posterior|postero.?anterior|frontal|coronal|bending)\b"),
    SIDE: re.compile(r"\b(lat|lateral|latero.?lateral|left lateral|right lateral|ll|rl|seitlich|sagittal|profil)\b"),
}
DOTTED = re.compile(r"\b([ap])\.\s?([ap])\b")  # a.p. and p. a.
DESCRIBED = ("BodyPartExamined", "SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
REMEDY = "Fetch the repository whole, or make it: python -m spinelib.apply.view_fit."


@dataclass(frozen=True)
class ViewRule:
    """A logistic regression on `view_features` [F]: weights [F], bias; above CERTAIN a film is from the side.

    made: where the numbers come from, and how often the rule was wrong.
    """

    weights: NDArray[np.float64]
    bias: float
    made: dict[str, Any]

    def score(self, pixels: NDArray[np.floating]) -> float:
        """Log-odds of a film [h, w] or [h, w, 3] being from the side."""
        return float(view_features(to_grey(pixels)) @ self.weights + self.bias)

    def view(self, pixels: NDArray[np.floating]) -> str:
        """FRONT or SIDE."""
        return SIDE if self.score(pixels) > CERTAIN else FRONT


def view_features(grey: NDArray[np.floating]) -> NDArray[np.float64]:
    """What the rule sees of a film [h, w]: greys of a small copy, and their distance from its mirror image, [768].

    The copy has SMALL pixels whatever the film's shape; greys are in standard deviations from the film's mean.
    """
    rows, columns = SMALL
    small = Image.fromarray(np.asarray(grey, np.float32)).resize((columns, rows), Image.Resampling.BOX)
    values = np.asarray(small, np.float64)
    values = (values - values.mean()) / max(float(values.std()), 1e-6)
    unlike = np.abs(values - values[:, ::-1])[:, : columns // 2]
    return np.concatenate([values.ravel(), unlike.ravel()])


def read_rule(path: Path | None = None) -> ViewRule:
    """The rule in the file `path`, else the one beside the released networks. Raises BadInput."""
    path = path or shipped("data", "weights", VIEW_RULE)
    if not path.is_file():
        raise BadInput(path, "is not there; it tells films from the front and from the side", REMEDY)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        whole = unbroken(found)
        weights = np.array(found["weights"], np.float64)
        rule = ViewRule(weights, float(found["bias"]), found["made"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(path, f"is no rule of views ({type(error).__name__})", REMEDY) from error
    if not whole or weights.shape != (SMALL[0] * SMALL[1] * 3 // 2,):
        raise BadInput(path, "is damaged, or was edited", REMEDY)
    return rule


def rule_text(rule: ViewRule) -> str:
    """The file of a rule, with its seal."""
    record = {"weights": rule.weights.round(4).tolist(), "bias": round(rule.bias, 4), "made": rule.made}
    return json.dumps(sealed(record), ensure_ascii=False) + "\n"


def header_view(path: Path) -> str:
    """FRONT or SIDE as the header of a DICOM file says; "" where it does not, or where there is none."""
    try:
        header = read_header(path) if is_dicom(path) else None
    except (BadInput, OSError):
        return ""
    if header is None:
        return ""
    if found := POSITIONS.get(text(header, "ViewPosition").upper()):
        return found
    codes = [text(item, "CodeMeaning") for item in header.get("ViewCodeSequence") or []]
    words = " ".join([text(header, "ViewPosition"), *codes, *(text(header, name) for name in DESCRIBED)])
    return said_view(words)


def said_view(words: str) -> str:
    """FRONT or SIDE as words say; "" for neither or both."""
    plain = DOTTED.sub(r"\1\2", words.casefold().replace("_", " "))
    said = [view for view, pattern in SAID.items() if pattern.search(plain)]
    return said[0] if len(said) == 1 else ""
