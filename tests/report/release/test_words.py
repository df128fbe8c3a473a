from spinelib.measures.registry import METRICS
from spinelib.prediction.released import RELEASED
from spinelib.report.release.words import WORDS, Aim


def test_every_released_network_has_its_words_and_aims_in_known_metrics():
    assert set(WORDS) == set(RELEASED)
    assert all(
        aim.metric in METRICS and aim.least == METRICS[aim.metric].higher_is_better
        for w in WORDS.values()
        for aim in w.aims
    )


def test_an_aim_is_met_on_its_better_side():
    assert Aim("aasce", "spine", "dice", 0.8).met(0.8)
    assert not Aim("aasce", "spine", "dice", 0.8).met(0.79)
    assert Aim("aasce", "spine", "cobb_error", 3.5, least=False).met(3.5)
    assert not Aim("aasce", "spine", "cobb_error", 3.5, least=False).met(3.6)
