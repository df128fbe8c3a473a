"""Parts by verdict, in a sentence."""

import pandas as pd

from spinelib.questions import ablation
from tests.questions.ablation.made import PATIENTS

NAMED = ["r2mfnet/full", "r2mfnet/no_r2jump"]


def test_parts_are_grouped_by_verdict():
    rows = [("d", "r2mfnet", "dice", "skip", "better"), ("d", "r2mfnet", "dice", "gate", "one training")]
    table = pd.DataFrame(rows, columns=["dataset", "method", "metric", "part", "verdict"])
    assert ablation.parts_by_verdict(table) == [
        "R2MF-Net on d, Dice: better with it: skip; this training, not this method: gate."
    ]


def test_sentences_say_the_verdict_and_what_it_rests_on(study):
    once = study.add("full", 0.80).add("no_r2jump", 0.77).effects([NAMED]).reset_index().iloc[0]
    low, high = f"{once['low']:.3f}", f"{once['high']:.3f}"
    assert once["sentence"].startswith("With R2-Jump Dice is 0.03")
    assert f"higher [{low}, {high}] ({PATIENTS} patients, 1 training a side): this training, not" in once["sentence"]
    study.add("full", 0.80, seed=1).add("no_r2jump", 0.77, seed=1)
    again = study.effects([NAMED]).reset_index().iloc[0]
    assert "2 trainings a side): better with it (p after Holm " in again["sentence"]
    for word in ("pays", "hurts", "agrees"):
        assert word not in once["sentence"] + again["sentence"]
