"""Parts by verdict, in a sentence."""

import pandas as pd

from spinelib.questions import ablation
from tests.questions.ablation.made import PATIENTS


def test_parts_are_grouped_by_verdict():
    rows = [("d", "r2mfnet", "dice", "skip", "pays"), ("d", "r2mfnet", "dice", "gate", "cannot tell")]
    table = pd.DataFrame(rows, columns=["dataset", "method", "metric", "part", "verdict"])
    assert ablation.parts_by_verdict(table) == ["R2MF-Net on d, Dice: cannot tell: gate; pays: skip."]


def test_sentences_say_what_the_interval_says(study):
    study.add("full", 0.80).add("no_r2jump", 0.77)
    row = study.effects().reset_index().iloc[0]
    low, high = f"{row['low']:.3f}", f"{row['high']:.3f}"
    assert row["sentence"].startswith("R2-Jump pays: with it Dice is 0.03")
    assert f"higher [{low}, {high}] ({PATIENTS} patients, 1 seed)." in row["sentence"]
