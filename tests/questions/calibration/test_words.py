"""What the calibration found, in a sentence."""

import pandas as pd

from spinelib.questions import calibration


def test_calibration_counts_what_is_off_and_names_what_is_wrong():
    rows = [("normal", "rejection", "differences", "t", 0.048, "holds", 8)]
    rows += [("normal", "rejection", "differences", "t", 0.051, "holds", 20)]
    rows += [("normal", "rejection", "differences", "t", 0.2, "rejects too often", 3)]
    rows += [("Dice 1%", "coverage", "means", "misses", 0.952, "holds", 8)]
    rows += [("Dice 3%", "coverage", "means", "misses", 0.912, "covers too little", 20)]
    judged = pd.DataFrame(rows, columns=["shape", "kind", "of", "tool", "value", "verdict", "n"]).assign(used=True)
    said = calibration.trusted(judged)
    assert "4.8% to 5.1%" in said
    assert "intervals of means hold 91.2% to 95.2%" in said
    assert "1 of 4 combinations" in said
    assert "(Dice 3% on the wrong side)" in said
    assert "0 of 3" in calibration.trusted(judged[judged["shape"] != "Dice 3%"])
