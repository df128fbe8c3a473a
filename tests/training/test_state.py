"""Where a training stands."""

from spinelib.training.state import Counters


def test_higher_score_or_then_lower_loss_is_better():
    counters = Counters()
    assert counters.better(-0.5, 1.0, 1, {"dice": 0.1})
    assert not counters.better(-0.6, 0.5, 2, {"dice": 0.2})
    assert not counters.better(-0.5, 1.0, 3, {"dice": 0.3})
    assert counters.waiting == 2
    assert counters.better(-0.5, 0.9, 4, {"dice": 0.4})
    assert (counters.best_epoch, counters.waiting, counters.best) == (4, 0, {"dice": 0.4})
