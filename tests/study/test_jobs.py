"""What a study asks for, in words that papermill and a folder can carry."""

import pytest
import yaml

from spinelib.study.jobs import run_id
from tests.study.example import read, run


def test_arguments_survive_papermills_own_yaml_reader(root):
    job = read(root, **run(parameters={"rate": 1e-05})).runs["tiny-unet-full-s0-f0"]
    assert yaml.safe_load(job.arguments) == job.parameters
    assert "\n" not in job.arguments


USUAL = {
    "trained_on": "aasce",
    "method": "unet",
    "variant": "full",
    "recipe": "common",
    "width": 1,
    "seed": 0,
    "fold": 2,
}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "aasce-unet-full-s0-f2"),
        ({"width": 0.25, "recipe": "published"}, "aasce-unet-full-published-w0p25-s0-f2"),
        ({"scheme": "split", "added": [], "pretrained": ""}, "aasce-unet-full-s0-f2"),
        ({"scheme": "published"}, "aasce-unet-full-published_folds-s0-f2"),
        (
            {"scheme": "cross", "added": ["a", "b"], "pretrained": "x"},
            "aasce-unet-full-cross-with_a_b-pretrained-s0-f2",
        ),
    ],
)
def test_a_runs_name_says_what_is_unusual_of_it(changes, name):
    assert run_id(USUAL | changes) == name
    assert run_id(USUAL | changes, "long") == name.replace("-s0", "-long-s0")


def test_folders_of_a_study_and_its_jobs_lie_beside_the_studies(root):
    study = read(root)
    assert study.files.root.as_posix() == study.folder.as_posix() == "reports/tiny"
    job = study.runs["tiny-unet-full-s0-f0"]
    assert job.files.record.as_posix() == "reports/tiny/runs/tiny-unet-full-s0-f0/run.json"
    assert study.questions["90_compare"].files.root.parent.as_posix() == "reports/tiny/questions"
