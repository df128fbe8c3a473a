"""Contrasts in words: a direction where the verdict has one, and none from an earlier table or one training."""

import pytest

from spinelib.report.results.differences import lies, published_differences
from tests.report.results.made import write

ROW = {"dataset": "d", "one": "unet/full", "other": "pspnet/full", "structure": "spine", "metric": "dice"}
ROW |= {"kind": "difference", "subset": "all test cases", "n": 40, "seeds": 3, "p_holm": 0.012}
ROW |= {"mean": 0.02, "low": 0.01, "high": 0.03}


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("better", "U-Net lies 0.020 [0.010, 0.030] above PSPNet"),
        ("open", "U-Net less PSPNet: 0.020 [0.010, 0.030], open"),
        ("one training", "U-Net less PSPNet: 0.020 [0.010, 0.030], this training, not this method"),
    ],
)
def test_the_direction_of_a_sentence_follows_the_verdict(tmp_path, verdict, words):
    study = write(tmp_path, questions__60_significance__contrasts=[ROW | {"verdict": verdict}])
    assert lies(study, "d", "unet/full", "pspnet/full") == words
    back = lies(study, "d", "pspnet/full", "unet/full")
    turned = (
        "PSPNet lies 0.020 [0.010, 0.030] below U-Net" if verdict == "better" else "PSPNet less U-Net: -0.020 [-0.030"
    )
    assert back.startswith(turned)


def test_the_table_names_subset_patients_and_trainings(tmp_path):
    rows = [ROW | {"verdict": "better"}, ROW | {"verdict": "open", "metric": "hd95"}]
    study = write(tmp_path, questions__60_significance__contrasts=rows)
    (line,) = published_differences(study, "d").splitlines()[2:]
    assert line == ("| U-Net | PSPNet | 0.020 [0.010, 0.030] | all test cases | 40 | 3 | 0.012 | the first is better |")


def test_what_was_published_before_has_no_verdict(study):
    text = published_differences(study, "phantom_lateral")
    assert "this training, not this method" in text
    assert "p after Holm" not in text
    words = lies(study, "phantom_lateral", "spinefm/full", "spinefm/no_predictor_pretrained")
    assert words.endswith("this training, not this method")
