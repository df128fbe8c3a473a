"""Parts by verdict, in a sentence."""

import pandas as pd

from spinelib.questions import ablation


def test_parts_are_grouped_by_verdict():
    rows = [("d", "r2mfnet", "dice", "skip", "pays"), ("d", "r2mfnet", "dice", "gate", "cannot tell")]
    table = pd.DataFrame(rows, columns=["dataset", "method", "metric", "part", "verdict"])
    assert ablation.parts_by_verdict(table) == ["R2MF-Net on d, Dice: cannot tell: gate; pays: skip."]
