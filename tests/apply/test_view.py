"""From the front or from the side: what headers say, and the rule of pictures as a file."""

import json

import numpy as np
import pytest

from spinelib.apply.view import FRONT, SIDE, header_view, read_rule, rule_text, said_view, view_features
from spinelib.core.errors import BadInput

from ..cases.readers.dicoms import dicom
from .released import even, lopsided, lopsided_rule


@pytest.mark.parametrize(
    ("tags", "view"),
    [
        ({"ViewPosition": "AP"}, FRONT),
        ({"ViewPosition": "PA"}, FRONT),
        ({"ViewPosition": "LL"}, SIDE),
        ({"ViewPosition": "RL"}, SIDE),
        ({"ViewPosition": "LATERAL"}, SIDE),
        ({"SeriesDescription": "Spine a.p. standing"}, FRONT),
        ({"SeriesDescription": "WIRBELSAEULE_LAT"}, SIDE),
        ({"BodyPartExamined": "LSPINE LATERAL"}, SIDE),
        ({"SeriesDescription": "spine AP/LAT"}, ""),
        ({"ViewPosition": "AP", "SeriesDescription": "LAT"}, FRONT),
        ({"SeriesDescription": "whole spine"}, ""),
        ({}, ""),
    ],
)
def test_the_header_says_the_view(tmp_path, tags, view):
    assert header_view(dicom(tmp_path / "x.dcm", **tags)) == view


def test_words_within_words_say_nothing():
    assert said_view("plate, apical, dilated") == ""


def test_files_without_a_header_say_nothing(tmp_path):
    (tmp_path / "x.png").write_bytes(b"no header")
    (tmp_path / "y.dcm").write_bytes(b"damaged")
    assert header_view(tmp_path / "x.png") == header_view(tmp_path / "y.dcm") == ""


def test_features_see_neither_size_nor_grey_scale():
    film = even().astype(np.float32)
    larger = film.repeat(3, 0).repeat(3, 1) * 7 + 40
    np.testing.assert_allclose(view_features(film), view_features(larger), atol=0.2)
    assert np.abs(view_features(film) - view_features(even(seed=2))).max() > 2
    assert view_features(film)[512:].max() < 1e-4 < view_features(lopsided())[512:].mean()
    assert np.isfinite(view_features(np.zeros((9, 4)))).all()


def test_a_rule_is_read_as_it_was_written_and_a_damaged_one_is_refused(tmp_path):
    path = tmp_path / "view.json"
    with pytest.raises(BadInput, match=r"is not there.*view_fit"):
        read_rule(path)
    path.write_text(rule_text(lopsided_rule()))
    rule = read_rule(path)
    assert (rule.view(even()), rule.view(lopsided()), rule.made) == (FRONT, SIDE, {"by": "hand"})
    found = json.loads(path.read_text())
    path.write_text(json.dumps(found | {"bias": 5.0}))
    with pytest.raises(BadInput, match="damaged, or was edited"):
        read_rule(path)
    path.write_text("[1]")
    with pytest.raises(BadInput, match="is no rule of views"):
        read_rule(path)


def test_the_rule_that_comes_with_the_project_says_what_it_was_tested_on():
    made = read_rule().made
    assert made["wrong_of_unseen"]
    for wrong, count in made["wrong_of_unseen"].values():
        assert wrong <= 0.05 * count
