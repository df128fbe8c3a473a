"""Names and directions of the metrics."""

from spinelib.measures.registry import METRICS, higher_is_better


def test_directions():
    assert higher_is_better("dice")
    assert higher_is_better("pixel_accuracy_pooled")
    assert not any(higher_is_better(m) for m in ("hd95", "assd", "assd_pooled", "cobb_error", "smape", "cmae"))
    assert all(higher_is_better(name) == metric.higher_is_better for name, metric in METRICS.items())


def test_every_metric_is_defined_in_words():
    assert all(metric.definition and metric.title for metric in METRICS.values())
