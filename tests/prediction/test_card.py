"""The model card: what is written is read back, and what does not belong together is refused with a remedy."""

import json
from dataclasses import replace

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction.card import Card
from tests.flips import flips

from .made import card, trained


def test_what_is_written_is_read_back(tmp_path):
    told = {"options": {"steps": 3}, "scores": {"best_dice": 0.5}, "data": {"own": "ab"}, "pipeline": {"grid": [1, 2]}}
    own = card(window=(8, 20, 16), flip=True, local=True, entry="unet/full_flip", **told)
    trained(tmp_path)
    own.write(tmp_path)
    found = Card.read(tmp_path)
    assert found == replace(own, weights=digest(tmp_path / WEIGHTS))
    assert found.name == "unet/full_flip"
    assert replace(found, entry="").name == "unet/full"
    assert (found.dims, card(evaluation_grid=(8, 32, 16)).dims) == (2, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"something": 1}, "something is not known"),
        ({"flip": "false"}, "flip is 'false'"),
        ({"width": "a"}, "width is 'a'"),
        ({"method": 3}, "method is 3"),
        ({"input_grid": 64}, "input_grid is 64"),
        ({"evaluation_grid": []}, "evaluation_grid is empty"),
        ({"classes": []}, "classes is empty"),
        ({"options": ["a"]}, r"options is \['a'\]"),
        ({"normalisation": "minmax"}, "the normalisation 'minmax' is not known"),
    ],
)
def test_nothing_that_decides_a_prediction_is_guessed(tmp_path, changes, words):
    values = json.loads((trained(tmp_path) / CARD).read_text(encoding="utf-8"))
    (tmp_path / CARD).write_text(json.dumps({**values, **changes}), encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        Card.read(tmp_path)


def test_a_card_that_lacks_a_field_is_refused(tmp_path):
    values = json.loads((trained(tmp_path) / CARD).read_text(encoding="utf-8"))
    del values["flip"]
    (tmp_path / CARD).write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(BadInput, match="flip is missing"):
        Card.read(tmp_path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(BadInput, match=r"holds no model\.safetensors\. Name the folder of a finished run"):
        Card.read(tmp_path)
    (trained(tmp_path) / CARD).unlink()
    with pytest.raises(BadInput, match=r"weights but no model\.json.* Run its study again"):
        Card.read(tmp_path)


@pytest.mark.parametrize("content", ["", "no card", "[1, 2]", "{}", '{"method": "unet"}'])
def test_a_card_that_is_none_is_refused(tmp_path, content):
    (trained(tmp_path) / CARD).write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=r"model\.json: is no model card.*Name the folder"):
        Card.read(tmp_path)


def test_a_flipped_byte_in_the_weights_is_seen(tmp_path):
    path = trained(tmp_path) / WEIGHTS
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"are not the weights that model\.json was written for\. Copy both files again"):
        Card.read(tmp_path)


def test_a_flipped_bit_of_the_card_is_noticed_or_changes_nothing(tmp_path):
    trained(tmp_path)
    own, noticed = Card.read(tmp_path), 0
    for _ in flips(tmp_path / CARD, 100):
        try:
            assert Card.read(tmp_path) == own
        except BadInput:
            noticed += 1
    assert noticed > 80


def test_a_card_of_an_earlier_version_has_no_seal_and_is_read(tmp_path):
    values = json.loads((trained(tmp_path) / CARD).read_text(encoding="utf-8"))
    own = Card.read(tmp_path)
    del values["seal"]
    (tmp_path / CARD).write_text(json.dumps(values), encoding="utf-8")
    assert Card.read(tmp_path) == own
    (tmp_path / CARD).write_text(json.dumps({**values, "flip": not own.flip, "seal": "0"}), encoding="utf-8")
    with pytest.raises(BadInput, match="is damaged, or was edited"):
        Card.read(tmp_path)
