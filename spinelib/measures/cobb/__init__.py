"""Cobb angles: from corners, from masks, what they mean for the patient, and errors between two sets of them.

`rules` holds the AASCE 2019 rule, `masks` reads angles from predicted masks, `clinical` names curves and `errors`
compares angles; `table` (not imported here, it needs pandas) makes the rows of a case table.
"""

from spinelib.measures.cobb.rules import Floats, aasce_angles, apical_translation, end_plates, s_shaped, tilt_matrix

__all__ = [
    "Floats",
    "aasce_angles",
    "apical_translation",
    "end_plates",
    "s_shaped",
    "tilt_matrix",
]
