"""A stand-in for nnU-Net's package: commands that note how they were called, and leave what the real ones would."""

from __future__ import annotations

import json
import sys

CALLS = "calls.json"
NOTE = """import json, os, pathlib, sys
place = pathlib.Path(__file__).resolve().parent
def note(name, words):
    path = place / "calls.json"
    calls = json.loads(path.read_text()) if path.exists() else []
    variables = {key: value for key, value in os.environ.items() if key.startswith("nnUNet_")}
    path.write_text(json.dumps([*calls, {"name": name, "words": words, "variables": variables}]))
"""
PLAN = """note("plan_and_preprocess", sys.argv[1:])
folder = pathlib.Path(os.environ["nnUNet_preprocessed"]) / "Dataset501_study"
assert json.loads((folder / "splits_final.json").read_text())
plan = {"configurations": {"2d": {"batch_size": 4, "patch_size": [32, 16], "spacing": [1.0, 1.0]}}}
(folder / "nnUNetPlans.json").write_text(json.dumps(plan))
"""
PREDICT = """note("predict", sys.argv[1:])
from PIL import Image
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out = pathlib.Path(given["-o"]); out.mkdir(parents=True, exist_ok=True)
for path in sorted(pathlib.Path(given["-i"]).glob("*_0000.png")):
    # The made films show their column far brighter than all else.
    mask = Image.open(path).point(lambda grey: int(grey > 149))
    mask.save(out / path.name.replace("_0000", ""))
"""
TRAINING = """
import time
class Network:
    def parameters(self):
        import torch
        return [torch.zeros(7), torch.zeros(5)]

class Trainer:
    num_epochs, num_iterations_per_epoch, num_val_iterations_per_epoch, save_every = 1000, 250, 50, 50
    network = Network()

    def on_epoch_end(self):
        stop = place / "stop"
        if stop.exists():
            time.sleep(float(stop.read_text()))

def get_trainer_from_args(*given, **options):
    return Trainer()

def run_training(dataset, configuration, fold, continue_training=False, device=None):
    trainer = get_trainer_from_args(dataset, configuration, fold, device=device)
    numbers = [trainer.num_epochs, trainer.num_iterations_per_epoch]
    numbers += [trainer.num_val_iterations_per_epoch, trainer.save_every]
    note("train", [dataset, configuration, fold, continue_training, str(device), *numbers])
    trainer.on_epoch_end()
    if (place / "stop").exists():
        raise KeyboardInterrupt
"""


def install(folder, monkeypatch):
    """Put the stand-in in place of the package and its commands for this process and those that it starts."""
    package = folder / "nnunetv2"
    (package / "run").mkdir(parents=True)
    for path in (package / "__init__.py", package / "run" / "__init__.py"):
        path.touch()
    place = NOTE.replace("parent\n", "parents[2]\n", 1)
    (package / "run" / "run_training.py").write_text(place + TRAINING)
    for name, text in (("plan_and_preprocess", PLAN), ("predict", PREDICT)):
        script = folder / f"nnUNetv2_{name}"
        script.write_text(f"#!{sys.executable}\n{NOTE}{text}")
        script.chmod(0o755)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")


def calls(folder):
    return json.loads((folder / CALLS).read_text())
