"""A small good study, and changes to it."""

import yaml

from spinelib.study import read_study

GOOD = {
    "title": "Tiny",
    "grid": [64, 32],
    "data": {"tiny": {"dataset": "folder", "source": "$DATA/films"}, "more": {"dataset": "phantom", "patients": 2}},
    "defaults": {"epochs": 2},
    "runs": [
        {
            "notebook": "10_train",
            "method": "unet",
            "variants": ["full", "resnet18"],
            "trained_on": "tiny",
            "seeds": [0, 1],
        },
        {
            "notebook": "10_train",
            "methods": ["fcn8s"],
            "trained_on": "tiny",
            "tested_on": ["tiny", "more"],
            "width": 0.5,
        },
    ],
    "questions": ["00_explore", {"notebook": "90_compare", "after": ["00_explore"], "parameters": {"metric": "iou"}}],
    "comparisons": [["unet/full", "unet/resnet18"]],
    "phantom_development": ["a film.jpg"],
}


def read(root, **changes):
    file = root / "studies" / "tiny.yaml"
    file.write_text(yaml.safe_dump(GOOD | changes, sort_keys=False))
    return read_study(file, data="my films")


def run(**changes):
    return {"runs": [GOOD["runs"][0] | changes]}
