"""Whose images a page may show."""

import matplotlib
import pytest

from spinelib.report.publish.origin import all_made, own_images

matplotlib.use("agg")
from tests.report.publish.made import FOREIGN, MADE


@pytest.mark.parametrize(
    ("options", "made"),
    [
        (["dataset phantom, patients 2", "slices 3, dataset phantom_mr"], True),
        (["dataset phantom", "dataset aasce, source x"], False),
        (["dataset folder, source reports"], False),
        (["dataset unheard_of"], False),
        (["dataset phantom, dataset phantom"], False),
        ([""], False),
        ([], False),
    ],
)
def test_data_are_made_here_only_if_every_one_is_known_to_be(options, made):
    assert all_made({"data": {str(k): text for k, text in enumerate(options)}}) is made


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, True),
        ({"comparisons": [["unet/full", "r2mfnet/full"]], "pretrained": "../other/model.safetensors"}, True),
        ({"results": "../reports/s", "data": "../reports/s/data", "tested_on": ["phantom"]}, True),
        ({"results": "../reports/s2"}, False),
        ({"beside": ["../reports/s", "../reports/aasce"]}, False),
        ({"source": "films"}, False),
        ({"sources": ["phantom", "aasce"]}, False),
        ({"trained_on": "aasce"}, False),
        ({"out": "elsewhere"}, False),
    ],
)
def test_a_page_shows_own_images_only_if_it_saw_nothing_else(changes, own):
    record = {"parameters": {"out": "../reports/s/questions/q", **changes}}
    assert own_images(record, {"data": MADE}) is own
    assert own_images(record, {"data": FOREIGN}) is False
    assert own_images(record | {"facts": {"manifests": {"aasce": "1"}}}, {"data": MADE}) is False
    assert own_images({}, {"data": MADE}) is False
