"""Which numbers parameters may be: every number that a notebook declares, and every one that means nothing."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.corruptions import CORRUPTIONS
from spinelib.measures.registry import find
from spinelib.models import METHODS
from spinelib.prediction.precision import Precision
from spinelib.runs.parameters import check_parameters, declared, read_parameters
from spinelib.runs.ranges import RANGES, SEEDS, WORDS, check_range, known_words
from spinelib.spinefm import ends
from spinelib.spinefm.program import PROGRAMS
from spinelib.spinefm.sam import SIZES
from spinelib.training import compiled

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
KNOWN = declared("epochs = 1\nwidth = 1.0\nown_grid: list[int] = []\n", "here")


def test_every_number_of_every_notebook_has_a_range_that_holds_its_default():
    found = [parameter for file in NOTEBOOKS for parameter in read_parameters(file).values()]
    numbers = [parameter for parameter in found if "int" in parameter.kind or "float" in parameter.kind]
    assert len(numbers) > 50
    assert {parameter.name for parameter in numbers} <= set(RANGES)
    for parameter in numbers:
        check_range(parameter.name, parameter.default)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("epochs", -3),
        ("batch", 0),
        ("batch", -8),
        ("width", 0.0),
        ("width", -1.0),
        ("learning_rate", -0.001),
        ("hours", -1.0),
        ("ema", 1.0),
        ("augmentation_strength", 2.5),
        ("train_films", -4),
        ("films", 0),
        ("fold", -1),
        ("folds", 0),
        ("seed", -1),
        ("seed", SEEDS),
        ("seed", 2**64),
        ("threads", -1),
        ("severities", [3, 6]),
        ("own_grid", [64]),
        ("own_grid", [0, 64]),
        ("own_grid", [64, 10**9]),
        ("window", [1, 2]),
        ("grid", [64]),
        ("grids", [[64, 32], [64, -32]]),
    ],
)
def test_a_number_that_means_nothing_is_refused(name, value):
    with pytest.raises(ValueError, match=r"is not|has not"):
        check_range(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    {
        **{"epochs": 0.5, "learning_rate": 0.0, "hours": 0, "ema": 0.0, "seed": SEEDS - 1, "own_grid": []},
        **{"window": [], "train_films": 0, "text": "x", "flip": True, "anything": -1},
    }.items(),
)
def test_what_means_something_or_is_no_number_passes(name, value):
    check_range(name, value)


def test_the_message_names_the_parameter_its_value_and_its_default():
    with pytest.raises(BadInput, match=r"parameter 'epochs': 0 is not above 0. It is declared as int, by default 1"):
        check_parameters(KNOWN, {"epochs": 0}, "a study")
    with pytest.raises(BadInput, match=r"parameter 'own_grid': \[64\] has not 0 or 2 or 3 numbers"):
        check_parameters(KNOWN, {"own_grid": [64]}, "a study")
    assert str(RANGES["ema"]) == "at least 0 and below 1"


def test_the_words_are_those_that_the_code_knows():
    assert set(known_words("corruptions")) == set(CORRUPTIONS)
    assert WORDS["compiled"] == compiled.CHOICES
    assert set(WORDS["size"]) == set(SIZES)
    assert set(WORDS["ends"]) == set(ends._SIDES)
    for name in WORDS["precision"][1:]:
        assert Precision(name).name == name
    for name in known_words("metric"):
        assert find(name)
    assert {recipe for method in METHODS.values() for recipe in method.recipes} == set(WORDS["recipe"])
    assert METHODS["spinefm"].recipes == tuple(PROGRAMS)


def test_every_word_of_every_notebook_is_known():
    found = [parameter for file in NOTEBOOKS for parameter in read_parameters(file).values()]
    assert set(WORDS) <= {parameter.name for parameter in found}
    for parameter in found:
        check_range(parameter.name, parameter.default)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("precision", "float16", "Did you mean 'bfloat16'"),
        ("precision", "", "Known: auto, bfloat16"),
        ("compiled", "graph", "Did you mean 'graphs'"),
        ("corruptions", ["blur", "blurr"], "'blurr' is not known"),
        ("detector", "Small", "Did you mean 'small'"),
        ("ends", "large", "Known: full, small"),
        ("method", "unett", "Did you mean 'unet'"),
        ("methods", ["unet", "unet_pooled"], "'unet_pooled' is not known"),
        ("metric", "dicee", "Did you mean 'dice'"),
        ("recipe", "publishd", "Did you mean 'published'"),
        ("size", "vit_h", "Did you mean 'vit_b'"),
        ("views", ["coronal", "frontal"], "'frontal' is not known"),
    ],
)
def test_a_word_that_names_nothing_is_refused_with_the_nearest(name, value, words):
    with pytest.raises(ValueError, match=words):
        check_range(name, value)


def test_words_that_are_known_are_taken():
    for name, value in (("metric", "iou_pooled"), ("corruptions", []), ("views", ["lateral"]), ("compiled", "")):
        check_range(name, value)
