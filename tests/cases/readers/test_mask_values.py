from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.mask_values import colour_labels, number_labels
from spinelib.core.errors import BadInput

FILE, SPINE, NOTHING = Path("mask.png"), ("spine",), LabelNames()
TRUTH = np.zeros((60, 40), np.uint8)
LEVEL = np.zeros_like(TRUTH)
for k in range(6):
    TRUTH[4 + 9 * k : 10 + 9 * k, 10:30] = 1
    LEVEL[4 + 9 * k : 10 + 9 * k, 10:30] = k + 1
EDGE = TRUTH.astype(bool) & ~(
    np.roll(TRUTH, 1, 0) & np.roll(TRUTH, -1, 0) & np.roll(TRUTH, 1, 1) & np.roll(TRUTH, -1, 1)
).astype(bool)


def numbers(values, *, lossy=False, classes=SPINE, names=NOTHING):
    return number_labels(FILE, np.asarray(values, np.float32), lossy, classes, names)


@pytest.mark.parametrize("value", [1, 7, 40, 100, 128, 201, 255, 4095, 65535, 0.25, 1e-3])
def test_a_single_value_is_the_structure(value):
    mask, remark = numbers(TRUTH.astype(float) * value)
    np.testing.assert_array_equal(mask, TRUTH)
    assert remark == ""


@pytest.mark.parametrize("ignored", [255, 65535])
def test_a_border_beside_label_numbers_is_ignored(ignored):
    mask, remark = numbers(np.where(EDGE, np.uint16(ignored), TRUTH))
    np.testing.assert_array_equal(mask, TRUTH & ~EDGE)
    assert remark == f"{ignored} in {EDGE.mean():.1%} of the pixels is an ignored border and counts as background"
    band = LEVEL.astype(int)
    band[:3] = ignored
    np.testing.assert_array_equal(numbers(band)[0], TRUTH)
    several = numbers(np.where(EDGE, np.uint16(ignored), LEVEL), classes=tuple("abcdef"))
    np.testing.assert_array_equal(several[0], LEVEL * ~EDGE)
    assert "ignored border" in several[1]


def test_a_border_larger_than_the_labels_is_asked_about():
    values = np.where(TRUTH == 1, 255, 0)
    values[:4] = 1
    with pytest.raises(BadInput, match=r"1, 255: 255 may be the structure.*values: \{1: null, 255: null\}"):
        numbers(values)
    mask, _ = numbers(values, names=LabelNames(values={1: None, 255: "spine"}))
    np.testing.assert_array_equal(mask, TRUTH)


def test_label_numbers_count_together_and_say_so():
    assert numbers(LEVEL)[1] == "its label numbers 1 to 6 count as one structure"
    np.testing.assert_array_equal(numbers(LEVEL)[0], TRUTH)
    assert numbers(TRUTH * 2 + (LEVEL == 3))[1] == "its label numbers 2, 3 count as one structure"


def test_spiders_numbers_are_vertebrae_and_discs_without_the_canal():
    values = LEVEL.astype(int)
    values[10:13, 10:30] = 201
    values[:, 33:37] = 100
    mask, remark = numbers(values)
    np.testing.assert_array_equal(mask, (values > 0) & (values != 100))
    assert "SPIDER" in remark
    assert "canal" in remark


@pytest.mark.parametrize("greys", [(128, 255), (85, 170, 255), (50, 100, 150), (1, 200), (254, 255), (41, 42)])
def test_several_values_that_are_no_label_numbers_are_asked_about(greys):
    values = np.choose(LEVEL, [0, *(greys * 6)[:6]])
    with pytest.raises(BadInput) as error:
        numbers(values)
    for grey in greys:
        assert f"{grey}: null" in error.value.remedy
    mask, remark = numbers(values, names=LabelNames(values=dict.fromkeys(greys, "spine")))
    np.testing.assert_array_equal(mask, TRUTH)
    assert remark == ""


def test_values_are_what_labels_yaml_says_and_others_are_refused():
    names = LabelNames(values={1: "T1", 2: "vertebra", 3: None}, ignore=(6,))
    with pytest.raises(BadInput, match=r"does not name \(4, 5\)"):
        numbers(LEVEL, names=names)
    names = LabelNames(values={1: "T1", 2: "vertebra", 3: None, 4: None, 5: None}, ignore=(6,))
    np.testing.assert_array_equal(numbers(LEVEL, names=names)[0], (LEVEL == 1) | (LEVEL == 2))
    names = LabelNames(values={0: "spine", 255: None})
    np.testing.assert_array_equal(numbers(255 * TRUTH.astype(int), names=names)[0], 1 - TRUTH)
    with pytest.raises(BadInput, match="gives a structure 'rib'"):
        numbers(LEVEL, names=LabelNames(values={1: "rib"}))
    names = LabelNames(values={10: "disc", 20: "vertebra"})
    mask, _ = numbers(np.where(LEVEL > 3, 20, 10) * TRUTH, classes=("vertebra", "disc"), names=names)
    np.testing.assert_array_equal(mask, np.where(LEVEL > 3, 1, 2) * TRUTH)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (TRUTH.astype(int) - 1, "negative values"),
        (TRUTH.astype(int) + 1, "no background: no pixel is 0 (1, 2)"),
        (np.where(TRUTH == 1, 255, 1), "no background: no pixel is 0 (1, 255)"),
        (np.choose(LEVEL, [0, 0.5, 1, 0.5, 1, 0.5, 1]), "holds the values 0.5, 1: several structures"),
        (np.random.default_rng(0).integers(0, 255, TRUTH.shape), "grey levels, a picture"),
        (np.random.default_rng(0).random(TRUTH.shape), "grey levels, a picture"),
    ],
)
def test_what_is_not_certain_is_refused(values, reason):
    with pytest.raises(BadInput) as error:
        numbers(values)
    assert reason in str(error.value)


@pytest.mark.parametrize("top", [1, 255, 65535])
def test_blurred_edges_are_cut_at_half(top):
    wide = np.asarray(Image.fromarray(255 * TRUTH).resize((120, 180), Image.Resampling.NEAREST))
    blurred = np.asarray(Image.fromarray(wide).resize((240, 360), Image.Resampling.BILINEAR), np.float32)
    blurred = blurred if top == 1 else np.rint(blurred)
    mask, remark = numbers(blurred * (top / 255))
    truth = np.kron(TRUTH, np.ones((6, 6), np.uint8))
    np.testing.assert_array_equal(mask, truth)
    assert remark.startswith("stray values in")


def test_noise_of_a_lossy_format_is_cut_at_half_and_its_label_numbers_are_refused():
    noisy = 250 * TRUTH.astype(float) + np.random.default_rng(0).integers(0, 6, TRUTH.shape)
    for lossy in (True, False):
        np.testing.assert_array_equal(numbers(noisy, lossy=lossy)[0], TRUTH)
    with pytest.raises(BadInput, match="format that changes them"):
        numbers(LEVEL, lossy=True)


def test_one_colour_on_black_is_the_structure_with_its_shades():
    red = TRUTH[..., None] * np.array([200, 20, 20], np.float32)
    np.testing.assert_array_equal(colour_labels(FILE, red, False, SPINE, NOTHING)[0], TRUTH)
    red[EDGE] *= 0.9
    mask, remark = colour_labels(FILE, red, False, SPINE, NOTHING)
    np.testing.assert_array_equal(mask, TRUTH)
    assert "stray values" in remark


def test_several_colours_are_asked_about_and_named():
    painted = np.choose(LEVEL[..., None] % 3, [[0, 0, 0], [255, 0, 0], [0, 0, 255]]).astype(np.float32)
    with pytest.raises(BadInput, match=r"holds 2 colours .*colours: \{'#(ff0000|0000ff)': null"):
        colour_labels(FILE, painted, False, SPINE, NOTHING)
    names = LabelNames(colours={"#ff0000": "spine", "#0000ff": None})
    np.testing.assert_array_equal(colour_labels(FILE, painted, False, SPINE, names)[0], LEVEL % 3 == 1)
    names = LabelNames(colours={"#ff0000": "b", "#0000ff": "a"})
    found = colour_labels(FILE, painted, False, ("a", "b"), names)[0]
    np.testing.assert_array_equal(found, np.choose(LEVEL % 3, [0, 2, 1]))
    with pytest.raises(BadInput, match=r"does not name \(#0000ff\)"):
        colour_labels(FILE, painted, False, SPINE, LabelNames(colours={"#ff0000": "spine"}))


def test_red_on_white_and_two_shades_of_red_are_asked_about():
    white = np.where(TRUTH[..., None] == 1, [200.0, 20, 20], 255).astype(np.float32)
    with pytest.raises(BadInput, match="2 colours"):
        colour_labels(FILE, white, False, SPINE, NOTHING)
    shades = (LEVEL > 3)[..., None] * np.array([100, 0, 0.0]) + TRUTH[..., None] * np.array([100, 0, 0.0])
    with pytest.raises(BadInput, match=r"2 colours \(#(640000|c80000), #(640000|c80000)\)"):
        colour_labels(FILE, shades.astype(np.float32), False, SPINE, NOTHING)
    film = np.random.default_rng(0).integers(0, 255, (60, 40, 3)).astype(np.float32)
    with pytest.raises(BadInput, match=r"holds \d{4} colours .*Export the mask again"):
        colour_labels(FILE, film, False, SPINE, NOTHING)
