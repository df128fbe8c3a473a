"""nnU-Net as an entry of a study: its own package plans, trains and predicts; this study divides and scores.

(A) Isensee et al. 2021 and nnU-Net v2: planning decides patch, batch and network from the training images; the default
2-D configuration and trainer; its own schedule is 1000 epochs of 250 steps. (C) In a study it sees as many images as
the other networks: epochs times training films (times slices, of volumes), in 50 epochs, over which its learning rate
falls as usual.

Marks: (A) stated in the paper or in its code, (C) our choice.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.protocol.config import RunConfig
from spinelib.protocol.division import Division
from spinelib.protocol.evaluation import Scored, scored_films
from spinelib.protocol.masks import score_files
from spinelib.protocol.nnunet_data import NUMBER, NnunetFolders, write_raw
from spinelib.protocol.nnunet_trainer import CONFIGURATION
from spinelib.runs import Run

PACKAGE, INSTALL = "nnunetv2", "Install it: pip install 'spinelib[nnunet]'."
PLANS, TRAINER_FACTS, LOG, MARK = "nnUNetPlans.json", "trained.json", "log.txt", "learned_from.txt"
TRAINER = "spinelib.protocol.nnunet_trainer"
OWN_EPOCHS, OWN_STEPS, EPOCHS = 1000, 250, 50


@dataclass(frozen=True)
class Schedule:
    """Epochs and steps of each; every step sees `batch` images."""

    epochs: int
    steps: int
    batch: int

    @property
    def images(self) -> int:
        """Images seen in all."""
        return self.epochs * self.steps * self.batch


def check_nnunet() -> None:
    """Raise BadInput, with what to install, unless nnU-Net's package is there."""
    if find_spec(PACKAGE) is None:
        raise BadInput(PACKAGE, "is not installed", INSTALL)


def schedule_for(images: int, batch: int) -> Schedule:
    """The schedule that sees `images` images, a step more at most in each epoch; 0: nnU-Net's own."""
    if not images:
        return Schedule(OWN_EPOCHS, OWN_STEPS, batch)
    steps = math.ceil(images / batch)
    epochs = min(EPOCHS, steps)
    return Schedule(epochs, math.ceil(steps / epochs), batch)


class Nnunet:
    """One training of nnU-Net in the folder of a run: `write`, `plan`, `train`, `predict`, `score`, in this order.

    Each step's words go to log.txt in ``nnunet/`` of the run's folder. Each raises BadInput with the last of them where
    nnU-Net fails, and where its package is not there.
    """

    def __init__(self, run: Run, sets: Mapping[str, CaseArrays], division: Division) -> None:
        check_nnunet()
        self.run, self.sets, self.division = run, sets, division
        self.config, self.folders = RunConfig.of(run), NnunetFolders(run.files.nnunet)
        self.threads = str(max(1, run.threads))

    def write(self) -> None:
        """Write the raw data set with the run's division, and the test cases of every data set."""
        config, sets = self.config, self.sets
        self._begin(digest(sets[config.trained_on].digest, self.division.digest))
        tested = {n: scored_films(sets[n], n != config.trained_on, config.development) for n in config.tested_on}
        places = {name: self.run.manifest(name).parent for name in {config.trained_on, *config.tested_on}}
        write_raw(self.folders, sets[config.trained_on], self.division, tested, places, config.trained_on)

    def _begin(self, mark: str) -> None:
        """Keep the weights of an interrupted attempt only where they learned from the same cases."""
        kept = self.folders.root / MARK
        if not kept.exists() or kept.read_text(encoding="utf-8") != mark:
            shutil.rmtree(self.folders.root, ignore_errors=True)
        for folder in (self.folders.raw, self.folders.preprocessed, self.folders.predicted):
            shutil.rmtree(folder, ignore_errors=True)
        write_text(kept, mark)

    def plan(self) -> dict[str, Any]:
        """Let nnU-Net plan and prepare; gives its 2-D plan: patch_size, batch_size, spacing and more."""
        words = ("-d", str(NUMBER), "-c", CONFIGURATION, "--verify_dataset_integrity")
        self._call(_script("plan_and_preprocess"), *words, "-npfp", self.threads, "-np", self.threads)
        plans = json.loads((self.folders.preprocessed / PLANS).read_text(encoding="utf-8"))
        found: dict[str, Any] = plans["configurations"][CONFIGURATION]
        return found

    def train(self, schedule: Schedule) -> None:
        """Train, or go on training, by the schedule; the run's record gets what it took."""
        facts = self.folders.root / TRAINER_FACTS
        numbers = (str(schedule.epochs), str(schedule.steps))
        self._call(sys.executable, "-m", TRAINER, str(NUMBER), self.run.device, *numbers, str(facts))
        about = json.loads(facts.read_text(encoding="utf-8"))
        films = len(set(self.division.train.tolist()))
        steps = schedule.epochs * schedule.steps
        # Passes over the training films, as those of other networks are counted.
        passes = steps * schedule.batch / films
        training = {"steps": steps, "epochs": passes, "seconds": about["seconds"], "threads": int(self.threads)}
        self.run.note(params=about["params"], training=training, recipe={"batch": schedule.batch})
        self.run.note(split_digest=self.division.digest)

    def predict(self) -> None:
        """Predict the test cases as nnU-Net does by itself, mirrored too."""
        words: tuple[str, ...] = (
            "-i",
            str(self.folders.raw / "imagesTs"),
            "-o",
            str(self.folders.predicted),
            "-f",
            "0",
        )
        # Its command knows kinds of devices alone, not their numbers.
        words += ("-d", str(NUMBER), "-c", CONFIGURATION, "-device", self.run.device.partition(":")[0])
        self._call(_script("predict"), *words, "-npp", self.threads, "-nps", self.threads)

    def score(self) -> Scored:
        """Score what was predicted as every network of the study is; then the prepared images are removed."""
        names = {self.run.manifest(name).parent: name for name in self.config.tested_on}
        scored, _ = score_files(self.run, self.sets, lambda cases, at: self.folders.answers(names[at], cases))
        for folder in (self.folders.raw.parent, self.folders.preprocessed.parent):
            shutil.rmtree(folder, ignore_errors=True)
        return scored

    def _call(self, *command: str) -> None:
        log = self.folders.root / LOG
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.folders.variables, "nnUNet_n_proc_DA": self.threads}
        with log.open("a", encoding="utf-8") as said:
            done = subprocess.run(command, env=environment, stdout=said, stderr=said, check=False)
        if done.returncode:
            raise BadInput(log, f"nnU-Net failed: {_last(log)}", "Read the log, then run this notebook again.")


def _script(name: str) -> str:
    """The path of one of nnU-Net's commands, beside this Python or in PATH; raises BadInput without one."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    found = shutil.which(f"nnUNetv2_{name}", path=beside)
    if not found:
        raise BadInput(f"nnUNetv2_{name}", "is not there", INSTALL)
    return found


def _last(log: Path) -> str:
    lines: Sequence[str] = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
