"""What a training cost, as its record says."""

from spinelib.runs.training_cost import core_seconds, training_threads


def test_seconds_count_for_each_thread_of_the_training_and_on_a_card_once():
    record = {"threads": 4, "device": "cpu", "facts": {"training": {"seconds": 10.0, "threads": 2}}}
    assert (training_threads(record), core_seconds(record)) == (2, 20.0)
    assert core_seconds(record | {"device": "cuda:0"}) == 10.0
    assert core_seconds({"threads": 4, "facts": {"training": {"seconds": 10.0}}}) == 40.0
    assert core_seconds({"facts": {"training": {"seconds": 10.0}}}) == 10.0
