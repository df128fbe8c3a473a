"""How near Cobb angles come to the reference, read from a mask or answered by a network."""

from spinelib.questions.cobb.agreement_figures import (
    angle_errors,
    bland_altman_plot,
    predicted_reference,
    severity_matrix,
)
from spinelib.questions.cobb.angle_tables import (
    ERROR_NAMES,
    angle_board,
    angle_boards,
    beside_guess,
    best_entries,
    board_words,
    cobb_tables,
    confidence_table,
    entry_rows,
    film_errors,
    mask_readings,
    reading_statuses,
    repeated_angles,
    shown_name,
    study_boards,
    view_errors,
)
from spinelib.questions.cobb.angles import coronal_rows, study_angles
from spinelib.questions.cobb.curves import (
    curve_rows,
    curve_table,
    flexibility_rows,
    flexibility_table,
    picked_films,
    region_matrix,
    true_readings,
)
from spinelib.questions.cobb.kept import kept_angles
from spinelib.questions.cobb.published import published_angles

__all__ = [
    "ERROR_NAMES",
    "angle_board",
    "angle_boards",
    "angle_errors",
    "beside_guess",
    "best_entries",
    "bland_altman_plot",
    "board_words",
    "cobb_tables",
    "confidence_table",
    "coronal_rows",
    "curve_rows",
    "curve_table",
    "entry_rows",
    "film_errors",
    "flexibility_rows",
    "flexibility_table",
    "kept_angles",
    "mask_readings",
    "picked_films",
    "predicted_reference",
    "published_angles",
    "reading_statuses",
    "region_matrix",
    "repeated_angles",
    "severity_matrix",
    "shown_name",
    "study_angles",
    "study_boards",
    "true_readings",
    "view_errors",
]
