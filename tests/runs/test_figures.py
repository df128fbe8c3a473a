import base64
import io
import json

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from PIL import Image

from spinelib.runs.figures import holds_pixels, is_saved, read_captions, save_figure, show, shrink

matplotlib.use("agg")


def png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def test_few_colours_shrink_without_loss():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (40, 3), np.uint8)[rng.integers(0, 40, (200, 300))]
    small = shrink(png(image))
    assert len(small) < 0.7 * len(png(image))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(small)).convert("RGB")), image)


def test_rare_colours_stay_what_they_are_among_many():
    image = np.full((300, 300, 3), 255, np.uint8)
    image[:, :, 0] = image[:, :, 1] = np.arange(300)[:, None] // 2 + 100
    image[60:64, 40:90], image[70:74, 40:90] = (0x62, 0x3B, 0x62), (0x4E, 0x4E, 0x4E)
    shown = np.asarray(Image.open(io.BytesIO(shrink(png(image)))).convert("RGB"))
    assert shown[62, 60].tolist() == [0x62, 0x3B, 0x62]
    assert shown[72, 60].tolist() == [0x4E, 0x4E, 0x4E]


def test_many_colours_are_kept_as_they_are():
    noise = np.random.default_rng(0).integers(0, 255, (100, 100, 3), np.uint8)
    assert shrink(png(noise)) == png(noise)


def test_a_saved_figure_says_so_and_no_other_picture_does(tmp_path):
    figure = Figure()
    figure.subplots().plot([1, 2])
    assert is_saved(save_figure(figure, tmp_path, "line", "A line."))
    assert is_saved((tmp_path / "line.png").read_bytes())
    assert not is_saved(png(np.zeros((4, 4), np.uint8)))
    assert not is_saved(b"")


def test_what_is_transparent_becomes_white():
    image = np.zeros((50, 50, 4), np.uint8)
    image[:25, :, 3] = 255
    shown = np.asarray(Image.open(io.BytesIO(shrink(png(image)))).convert("RGB"))
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[-1, -1].tolist() == [255, 255, 255]


def test_a_figure_is_saved_with_its_caption_in_order(tmp_path):
    for name in ("b", "a", "b"):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, 1])
        save_figure(figure, tmp_path, name, f"What {name} shows, å.")
    assert read_captions(tmp_path) == {"b": "What b shows, å.", "a": "What a shows, å."}
    assert list(read_captions(tmp_path)) == ["b", "a"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png", "captions.json"]


@pytest.mark.parametrize("text", [None, "{", '["a"]'])
def test_captions_that_are_missing_or_broken_are_none(tmp_path, text):
    if text is not None:
        (tmp_path / "captions.json").write_text(text)
    assert read_captions(tmp_path) == {}


def test_a_figure_is_shown_at_its_true_size_with_its_caption(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *words, **facts: shown.append((words, facts)))
    image = png(np.zeros((72, 144, 3), np.uint8))
    show(image, "A caption.")
    [((bundle,), facts)] = shown
    assert base64.b64decode(bundle["image/png"]) == image
    assert facts["metadata"]["image/png"] == {"width": 96, "alt": "A caption."}
    assert json.dumps(bundle)


def mosaic(ax):
    ax.scatter(*np.mgrid[:40, :40].reshape(2, -1), c=np.arange(1600))


@pytest.mark.parametrize(
    ("draw", "pixels"),
    [
        (lambda ax: (ax.bar([0], [1]), ax.errorbar([0], [1], [0.1]), ax.scatter([0, 1], [1, 2], c=[1, 2])), False),
        (lambda ax: (ax.fill_between([0, 1], [1, 2]), ax.violinplot([1, 2, 3]), ax.hlines(1, 0, 1)), False),
        (lambda ax: (ax.annotate("x", (0, 0), (1, 1), arrowprops={}), ax.legend(["a"]), ax.twinx()), False),
        (lambda ax: ax.imshow(np.eye(3)), True),
        (lambda ax: ax.inset_axes([0, 0, 1, 1]).imshow(np.eye(3)), True),
        (lambda ax: ax.pcolormesh(np.eye(3)), True),
        (lambda ax: ax.pcolor(np.eye(3)), True),
        (lambda ax: ax.contourf(np.eye(3)), True),
        (lambda ax: ax.figure.figimage(np.eye(3)), True),
        (lambda ax: ax.add_artist(AnnotationBbox(OffsetImage(np.eye(3)), (0, 0))), True),
        (mosaic, True),
    ],
)
def test_a_figure_is_a_plot_only_if_nothing_in_it_may_be_an_image(draw, pixels):
    figure = Figure(figsize=(2, 2))
    draw(figure.subplots())
    assert holds_pixels(figure) is pixels
