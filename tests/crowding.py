"""Whether the words of a figure can be read: none lies on another, none leaves the figure.

As a backend of matplotlib (`MPLBACKEND=module://tests.crowding`) this checks every figure that a program saves, and
appends what it finds to the file that CROWDING names, a line a figure.
"""

import json
import math
import os
from itertools import combinations
from pathlib import Path
from unittest import mock

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, FigureManagerBase
from matplotlib.text import Text

LOG = "CROWDING"
# Share of a line's height that two boxes may share: they hold room for descenders that few words have.
SLACK = 0.2
# Pixels at the figure's own resolution by which words may stick out: the rounding of a layout.
EDGE = 2.0


def drawn_texts(figure):
    """The texts that drawing the figure sets, invisible and empty ones left out."""
    found = []

    def note(text, renderer, *words, **facts):
        if text.get_visible() and text.get_text().strip() and text.get_alpha() != 0:
            found.append(text)
        return draw(text, renderer, *words, **facts)

    draw = Text.draw
    # A layout settles in the first drawing; the second shows where everything stands.
    figure.draw_without_rendering()
    with mock.patch.object(Text, "draw", note):
        figure.draw_without_rendering()
    return found


def corners(text, renderer):
    """Corners [4,2] of the box around a text in pixels, turned as the text is."""
    box = Text.get_window_extent(text, renderer)
    centre, angle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2, text.get_rotation()
    text.set_rotation(0)
    flat = Text.get_window_extent(text, renderer)
    text.set_rotation(angle)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [flat.width / 2, flat.height / 2]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return centre + half @ np.array([[cos, sin], [-sin, cos]])


def depth(one, other):
    """How far two turned boxes lie in each other, in pixels; negative where they are apart."""
    axes = [(box[k + 1] - box[k]) / (np.linalg.norm(box[k + 1] - box[k]) or 1) for box in (one, other) for k in (0, 1)]
    return min(
        min((one @ axis).max(), (other @ axis).max()) - max((one @ axis).min(), (other @ axis).min()) for axis in axes
    )


def crowded(figure):
    """What cannot be read in a figure, a sentence for each; empty where all is well."""
    texts = drawn_texts(figure)
    renderer = figure._get_renderer()
    boxes = [corners(text, renderer) for text in texts]
    slack = [SLACK * text.get_fontsize() * figure.dpi / 72 for text in texts]
    words = [" / ".join(text.get_text().split("\n")) for text in texts]
    found = [
        f"{words[i]!r} lies on {words[j]!r}"
        for i, j in combinations(range(len(texts)), 2)
        if depth(boxes[i], boxes[j]) > max(slack[i], slack[j])
    ]
    ends = np.array([figure.bbox.x1, figure.bbox.y1])
    found += [
        f"{word!r} leaves the figure"
        for word, box in zip(words, boxes, strict=True)
        if (box < -EDGE).any() or (box > ends + EDGE).any()
    ]
    return found


def watched(log):
    """The environment of a program whose saved figures are checked; complaints go to the file `log`."""
    home = str(Path(__file__).parents[1])
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "MPLBACKEND": "module://tests.crowding", "PYTHONPATH": path, LOG: str(log)}


class FigureCanvas(FigureCanvasAgg):
    """A canvas that checks its figure before it saves it."""

    def print_figure(self, *words, **facts):
        complaints = crowded(self.figure)
        if complaints and os.environ.get(LOG):
            with open(os.environ[LOG], "a", encoding="utf-8") as log:
                log.write(json.dumps(complaints) + "\n")
        return super().print_figure(*words, **facts)


FigureManager = FigureManagerBase
