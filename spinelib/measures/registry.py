"""What each metric is called and means, for tables, figures and pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """One metric: `name` as in tables, `title` as in figures, which direction is better, what it says."""

    name: str
    title: str
    higher_is_better: bool
    definition: str
    distance: bool = False


_ENTRIES = [
    Metric("dice", "Dice", True, "2 TP / (2 TP + FP + FN)"),
    Metric("iou", "IoU", True, "TP / (TP + FP + FN)"),
    Metric("miou", "mIoU", True, "mean of the IoU of the structure and the IoU of all the rest"),
    Metric("sensitivity", "Sensitivity", True, "TP / (TP + FN)"),
    Metric("precision", "Precision", True, "TP / (TP + FP)"),
    Metric("pixel_accuracy", "Pixel accuracy", True, "(TP + TN) / all pixels of the film"),
    Metric("hd95", "HD95", False, "larger of the two 95th percentiles of boundary distances", True),
    Metric("assd", "ASSD", False, "mean distance between the boundaries, both directions pooled", True),
    Metric("nsd", "NSD", True, "share of both boundaries within 1 % of the reference's length of the other"),
    Metric("boundary_f1", "Boundary F1", True, "harmonic mean of the shares of each boundary within 2 px"),
]
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ENTRIES}
OVERLAP = tuple(metric.name for metric in _ENTRIES[:6])
FALLING = {m.name for m in _ENTRIES if not m.higher_is_better} | {
    *("level_shift", "cobb_error", "angle_mae", "smape", "cmae", "off_by_one", "false_detections"),
    *("category_errors", "dice_view_sd"),
}


def higher_is_better(metric: str) -> bool:
    """Whether larger values of `metric` (pooled or not) are better."""
    return metric.removesuffix("_pooled") not in FALLING
