"""What the calibration found, in a sentence."""

import pandas as pd

from spinelib.questions import calibration


def test_calibration_counts_what_is_off():
    rows = [("normal", "rejection", "t", 0.048, "holds"), ("normal", "rejection", "t", 0.051, "holds")]
    rows += [("skewed", "rejection", "t", 0.098, "off")]
    judged = pd.DataFrame(rows, columns=["shape", "kind", "tool", "value", "verdict"])
    said = calibration.trusted(judged, "bootstrap-t")
    assert "4.8% to 5.1%" in said
    assert "1 of 3 combinations" in said
