"""One study with everything that must not be mixed."""

import matplotlib as mpl
import pytest

mpl.use("Agg")
from spinelib.questions import generalisation
from tests.questions.generalisation.made import run_rows, write


@pytest.fixture
def mixed(tmp_path):
    """One study with everything that must not be mixed: recipes, variants, widths, near-duplicates."""
    parts = [
        run_rows("chest", "mdwcnet", 0.80),
        run_rows("chest", "mdwcnet", 0.99, recipe="published"),
        run_rows("chest", "mdwcnet", 0.98, variant="mscaw"),
        run_rows("chest", "unet", 0.97, width=0.25),
        run_rows("chest", "unet", 0.70, width=1.0),
    ]
    for part in parts:
        part[0]["near_duplicate"] = "twin"
        part[0]["value"] = 0.0
    return generalisation.gather_studies(write(tmp_path / "chest", *parts))
