"""What a cell printed, drew or raised, as HTML."""

import base64
import io
from importlib import resources

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spinelib.report.markdown import Writer
from spinelib.report.outputs import LONG, drawn, picture, render, text_of
from spinelib.runs.figures import save_figure

from ..plots.vision import CARD


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(data, **metadata):
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def test_printed_text_is_joined_in_order_and_warnings_stand_apart():
    html = render([stream("a <b>\n"), stream(["c\n", "d"]), stream("careful", "stderr"), stream("e")], Writer())
    assert html == '<pre class="printed">a &lt;b&gt;\nc\nde</pre>\n<pre class="warning">careful</pre>'
    between = render([stream("before"), shown({"text/plain": "3"}), stream("after")], Writer())
    assert [between.index(word) for word in ("before", ">3<", "after")] == sorted(
        between.index(word) for word in ("before", ">3<", "after")
    )
    assert render([stream("\n\n")], Writer()) == ""


def test_long_text_is_folded():
    kept, folded = ("\n".join(["line"] * count) for count in (LONG, LONG + 1))
    assert "<details>" not in render([stream(kept)], Writer())
    assert f"<details><summary>{LONG + 1} lines printed</summary><pre" in render([stream(folded)], Writer())


def test_an_error_has_its_name_and_trace_without_colours():
    error = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "<no films>",
        "traceback": ["\x1b[31m1\x1b[0m", "2"],
    }
    html = render([error], Writer())
    assert "<strong>ValueError: &lt;no films&gt;</strong>" in html
    assert '<pre class="trace">1\n2</pre>' in html
    assert 'id="error"' in html


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text/html": "<style>b {}</style><b>t</b>", "text/plain": "p"}, '<div class="scroll"><b>t</b></div>'),
        ({"text/html": "<script>1</script><b>t</b>", "text/plain": "<p>"}, '<pre class="printed">&lt;p&gt;</pre>'),
        ({"text/html": '<img src="//example.org/a.png">', "text/plain": "p"}, '<pre class="printed">p</pre>'),
        ({"text/markdown": "*t*", "text/plain": "p"}, "<p><em>t</em></p>\n"),
        ({"image/png": "not base64!", "text/plain": "p"}, '<figure><img src="" alt="figure"></figure>'),
        ({"text/plain": ["a\n", "b"]}, '<pre class="printed">a\nb</pre>'),
        ({}, ""),
    ],
)
def test_the_richest_form_that_is_safe_is_shown(data, words):
    assert render([shown(data)], Writer()) == words


def test_a_figure_keeps_its_pixels_width_and_caption():
    image = np.random.default_rng(0).integers(0, 255, (8, 9, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    encoded = base64.b64encode(buffer.getvalue()).decode()
    html = render([shown({"image/png": encoded}, **{"image/png": {"width": 320.4, "alt": "Two & two"}})], Writer())
    carried = base64.b64decode(html.partition("base64,")[2].partition('"')[0])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(carried)).convert("RGB")), image)
    assert html.endswith('alt="Two &amp; two" width="320"><figcaption>Two &amp; two</figcaption></figure>')
    assert picture("a.png", {}) == '<figure><img src="a.png" alt="figure"></figure>'


def test_a_plot_says_that_a_dark_page_may_turn_it_round_and_a_picture_of_pixels_does_not(tmp_path):
    for pixels, kind in ((False, ' class="drawn"'), (True, "")):
        figure = Figure(figsize=(1, 1))
        figure.subplots().plot([0, 1])
        encoded = base64.b64encode(save_figure(figure, tmp_path, "line", "A.", pixels)).decode()
        assert drawn(f"data:image/png;base64,{encoded}") == kind
        html = render([shown({"image/png": encoded})], Writer())
        assert html.endswith(f' alt="figure"{kind}></figure>')
    assert drawn("data:image/png;base64,broken!") == drawn("figures/line.png") == ""
    # The colours of methods are tested by this very turn (`tests/plots/vision.py`).
    style = (resources.files("spinelib.report") / "templates/style.css").read_text(encoding="utf-8")
    dark = style[style.index("@media screen and (prefers-color-scheme: dark)") :]
    assert "img.drawn { filter: invert(1) hue-rotate(180deg); mix-blend-mode: lighten; }" in dark
    assert f"--card: {CARD.lower()}" in style


def test_text_is_one_string_or_a_list_of_lines():
    assert text_of(["a\n", "b"]) == text_of("a\nb") == "a\nb"
