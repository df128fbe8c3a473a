"""Names that are not ours (cases, patients, structures, data) as matplotlib can set them.

They may hold dollars, which would begin a formula; letters that no font here has; or be longer than their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from textwrap import fill
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of a letter's size, its mean width; letters of a title that stand in one line however narrow its panel is.
LETTER, SHORTEST = 0.6, 12
# In the order in which they are looked for; scripts that the fonts before lack.
FONTS = (
    "DejaVu Sans",
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Microsoft YaHei", "SimHei", "PingFang SC"),
    *("Hiragino Sans", "Hiragino Sans GB", "Yu Gothic", "MS Gothic", "IPAexGothic", "IPAGothic", "TakaoPGothic"),
    *("Noto Sans CJK KR", "Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic"),
    *("Noto Sans Devanagari", "Nirmala UI", "Lohit Devanagari", "Noto Sans Bengali", "Noto Sans Tamil"),
    *("Noto Sans Thai", "Leelawadee UI", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Symbols2"),
    *("Arial Unicode MS", "FreeSans", "Unifont"),
)


def fonts() -> list[str]:
    """Those of FONTS that are installed, in their order, DejaVu Sans (matplotlib's own) first."""
    from matplotlib import font_manager

    there = set(font_manager.get_font_names())
    return [name for name in FONTS if name in there]


@cache
def _letters(families: tuple[str, ...]) -> frozenset[int]:
    """Code points that a font of these families has."""
    from matplotlib import font_manager

    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families]
    return frozenset(code for path in paths for code in font_manager.get_font(path).get_charmap())


def has_glyphs(text: str) -> bool:
    """Whether matplotlib, as it is set now, has a picture of every letter of `text`."""
    from matplotlib import rcParams

    if text.isascii() and text.isprintable():
        return True
    known = _letters(tuple(rcParams["font.family"]))
    return all(ord(letter) in known for letter in text)


def plain_text(text: str) -> str:
    """`text` so that matplotlib sets it letter by letter: no formula, no label that a legend leaves out."""
    return (f" {text}" if text.startswith("_") else text).replace("$", r"\$")


def readable(figure: Figure, texts: Sequence[str], what: str) -> list[str]:
    """`texts`, one for each tick or entry of a legend, as `figure` can show them.

    Words that no font here can draw become a number, as in "structure 3" for the third of `texts`; the figure's label
    then says what stands behind every number, and `Run.figure` adds it to the caption.
    """
    return [_readable(figure, str(text), f"{what} {number}") for number, text in enumerate(texts, 1)]


def panel_title(ax: Axes, text: str, what: str = "film", **style: Any) -> None:
    """Write `text` above a panel as its figure can show it, see `readable`; the number is the panel's.

    Lines that are wider than the panel's column go on below.
    """
    figure = ax.get_figure(root=True)
    if figure is not None:
        # A place of its own: to find one, every axis of every panel is laid out twice more, ticks that nobody sees too.
        words = ax.set_title(_readable(figure, text, f"{what} {figure.axes.index(ax) + 1}"), **{"y": 1.0, **style})
        place = ax.get_subplotspec()
        if place is not None:
            room = figure.get_figwidth() * 72 / place.get_gridspec().ncols * len(place.colspan)
            width = max(SHORTEST, int(room / (LETTER * float(words.get_fontsize()))))
            words.set_text(
                "\n".join(
                    fill(line, width, break_on_hyphens=False, break_long_words=False)
                    for line in words.get_text().split("\n")
                )
            )


def _readable(figure: Figure, text: str, instead: str) -> str:
    hidden = " ".join(word for word in text.split() if not has_glyphs(word))
    if not hidden:
        return plain_text(text)
    figure.set_label(f"{figure.get_label()} {instead}: {hidden}.".strip())
    return plain_text("\n".join(_drawn(line, instead) for line in text.split("\n")))


def _drawn(line: str, instead: str) -> str:
    words: list[str] = []
    for word in line.split(" "):
        if has_glyphs(word):
            words.append(word)
        elif instead not in words:
            words.append(instead)
    return " ".join(words)
