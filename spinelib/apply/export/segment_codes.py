"""Codes of structures for DICOM segments: what kind of thing it is, and which one, by SNOMED CT.

(A) Names are those of pydicom's concept tables, which come from DICOM PS3.16; no number is typed here.

Marks: (A) stated in the standard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spinelib.cases.readers.spine_names import is_vertebra, level_of
from spinelib.core.errors import BadInput

if TYPE_CHECKING:
    from pydicom.sr.coding import Code

COUNT = (
    *("First", "Second", "Third", "Fourth", "Fifth", "Sixth"),
    *("Seventh", "Eighth", "Ninth", "Tenth", "Eleventh", "Twelfth"),
)
REGION = {"C": "Cervical", "T": "Thoracic", "L": "Lumbar"}
DISC = re.compile(r"([CTL])(\d{1,2})/[CTLS]\d{0,2}")
# Structures that are not vertebrae or discs, by words in their names.
OTHERS = {"spine": "Spine", "lung": "Lung", "skin": "Skin", "sacrum": "Sacrum", "canal": "VertebralCanal"}


def structure_code(name: str) -> tuple[Code, Code]:
    """Category and type of a segment called `name` (T1, L4/L5, S, spine, ...).

    Raises BadInput for a name that no table has.
    """
    from pydicom.sr.codedict import codes

    try:
        kind = getattr(codes.SCT, _concept(name))
        # DICOM allows a meaning 64 letters.
        return codes.SCT.AnatomicalStructure, kind._replace(meaning=kind.meaning.removesuffix(" (body structure)"))
    except AttributeError as error:
        raise BadInput(name, "has no code for a DICOM segment", "Export it in another format.") from error


def _concept(name: str) -> str:
    """The name of the concept in pydicom's tables, "" where nobody knows one."""
    disc, level = DISC.fullmatch(name), level_of(name)
    if name == "L5/S":
        return "StructureOfIntervertebralDiscOfL5AndS1"
    if disc:
        return f"IntervertebralDiscStructureOf{COUNT[int(disc[2]) - 1]}{REGION[disc[1]]}Vertebra"
    if level:
        return f"{level}Vertebra"
    if is_vertebra(name):
        return "Vertebra"
    word = "sacrum" if name == "S" else name.casefold()
    return next((concept for part, concept in OTHERS.items() if part in word), "")
