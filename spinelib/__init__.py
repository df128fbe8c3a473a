"""Five published spine-segmentation methods under one honest, rerunnable protocol."""

import os

# torch reads this when it is loaded: what the GPU of a Mac cannot do, the CPU does, instead of an error.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

__version__ = "0.2.0"

# The rooms of the library from the ground up: one imports only from those before it (`tests/test_layout.py`).
ROOMS = {
    "core": "errors, whole files, devices, weights, names, structures of volumes, paths of a study's folder",
    "cases": "the data contract: films and volumes, manifest, splits, audit; one reader per file format",
    "measures": "metrics of outlines, one registry; Cobb angles",
    "phantom": "the digital patient, all modalities",
    "sources": "one file per data set or label format",
    "literature": "what the papers printed: numbers, claims, parts of each method",
    "models": "one file per architecture, the catalogue, layers",
    "prediction": "the one way from a folder with weights to maps",
    "training": "losses, augmentation, recipes, the one loop",
    "corruptions": "what can be wrong with an image, one function and one line each",
    "statistics": "intervals, tests, mixed models, agreement, calibration",
    "runs": "record, parameters, papermill engine, lock, tables of a run",
    "plots": "figures that know no question: overlays, curves, boards, viewers",
    "protocol": "load, divide, build, train, evaluate, as a run's configuration says",
    "spinefm": "the vertebra-by-vertebra pipeline, whole",
    "questions": "one folder per notebook: its tables, figures and sentences",
    "report": "notebooks to pages, the index, publishing",
    "study": "the study file, the plan, the driver",
    "apply": "films and volumes in; masks, angles and tables out",
    "command": "the one command line; knows no work of its own",
}
