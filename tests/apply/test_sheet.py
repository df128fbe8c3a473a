"""Thumbnails as a figure: in the order of the results, with names and angles."""

import matplotlib as mpl
import pandas as pd
import pytest
from PIL import Image

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.apply.loop import Applied
from spinelib.apply.sheet import LETTERS, TALL, WIDE, results_html, thumbnails
from spinelib.report.sanitiser import clean


@pytest.fixture
def applied(tmp_path):
    names = ["a", "a film whose name is too long to print", "c", "d"]
    (tmp_path / "overlays").mkdir()
    for k, name in enumerate(names):
        Image.new("RGB", (100, 200), (60 * k, 0, 0)).save(tmp_path / "overlays" / f"{name}.jpg", quality=95)
    rows = [
        {"file": f"{name}.png", "status": "ok", "mask": f"masks/{name}.png", "an1": an1, "remark": remark}
        for name, an1, remark in zip(
            names, [12.34, 5.0, float("nan"), ""], ["", "", "", "nothing was outlined"], strict=True
        )
    ]
    rows.insert(1, {"file": "x.png", "status": "failed", "mask": "", "an1": float("nan"), "remark": ""})
    yield Applied(tmp_path, pd.DataFrame(rows), 4, 0, 1)
    plt.close("all")


def test_outlined_films_stand_in_order_with_their_angle_or_remark(applied):
    figure = thumbnails(applied)
    shown = [ax for ax in figure.axes if ax.images]
    titles = [ax.get_title().split("\n") for ax in shown]
    assert titles[0] == ["a", "12.3\N{DEGREE SIGN}"]
    assert len(titles[1][0]) == LETTERS
    assert titles[2] == ["c"], "a volume has no angle"
    assert titles[3] == ["d", "nothing was outlined"]
    reds = [int(ax.images[0].get_array()[0, 0, 0]) for ax in shown]
    assert reds == pytest.approx([0, 60, 120, 180], abs=3)
    assert figure.get_figwidth() <= max(WIDE, 3.0)
    assert figure.get_figheight() <= TALL + 0.4


def test_a_part_of_the_films_may_be_asked_for_and_beyond_them_is_none(applied):
    assert sum(bool(ax.images) for ax in thumbnails(applied, 1, 2).axes) == 2
    assert sum(bool(ax.images) for ax in thumbnails(applied, 3, 8).axes) == 1
    assert thumbnails(applied, 4, 8) is None


def test_long_names_lose_their_middle_and_no_reason_its_end():
    name, reason = "a<b>" + "x" * 200 + "7.png", "is <damaged> " + "and so on " * 20
    rows = pd.DataFrame({"file": [name, "b.png"], "reason": [reason, ""], "an1": [12.34, float("nan")]})
    html = results_html(rows).data
    assert html.count("<bdi") == 2
    assert 'title="a&lt;b&gt;xxx' in html
    assert "x7.png</bdi>" in html
    assert "<b>" not in html
    assert "is &lt;damaged&gt; and so on" in html
    assert html.count("and so on") == 20
    assert "12.34" in html
    assert clean(html).count("<bdi title=") == 1
