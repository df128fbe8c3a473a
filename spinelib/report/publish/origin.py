"""Whose images a page may show: made by this repository alone, or somebody else's. What is not certain is foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from spinelib.sources import DATASETS

DATASET = re.compile(r"(?:^|, )dataset ([^,]+)")
NAMES = ("trained_on", "tested_on", "added", "sources")  # parameters that name data of the study
# Parameters whose slashes are no folders of images: entries (method/variant) and weights.
WORDS = ("comparisons", "ranked", "pretrained", "checkpoint", "detector_checkpoint")


def all_made(study: Mapping[str, Any]) -> bool:
    """Whether every data set in the facts of a study (``study.json``) is made by this repository."""
    data = study.get("data") or {}
    return bool(data) and all(is_made(str(text)) for text in data.values())


def own_images(record: Mapping[str, Any], study: Mapping[str, Any]) -> bool:
    """Whether a run with this record (``run.json``) saw images of this study alone, and all of them made here.

    A parameter that names a folder outside the study, such as another study beside it, makes it uncertain.
    """
    parameters = record.get("parameters")
    if not all_made(study) or not isinstance(parameters, Mapping) or parameters.get("source"):
        return False
    known, manifests = set(study["data"]), (record.get("facts") or {}).get("manifests", {})
    named = {word for name in NAMES for word in _strings(parameters.get(name, []))}
    home = re.match(r"(.+)/(runs|questions)/[^/]+$", str(parameters.get("out", "")))
    if home is None or not {*named, *manifests} <= known:
        return False
    kept = (value for name, value in parameters.items() if name not in WORDS)
    return all(f"{text}/".startswith(f"{home[1]}/") for value in kept for text in _strings(value) if "/" in text)


def is_made(options: str) -> bool:
    """Whether data prepared with these options (as in ``study.json``) are made by this repository."""
    names = DATASET.findall(options)
    return len(names) == 1 and names[0] in DATASETS and not DATASETS[names[0]].needs_source


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _strings(part)
