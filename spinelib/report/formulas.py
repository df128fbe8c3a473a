"""Formulas as embedded SVG outlines, drawn by matplotlib: no script, no web font, right in dark mode and in print."""

from __future__ import annotations

from html import escape

EM = 13.5  # the outlines are drawn at 16 and scaled to the page's font size: a little larger than its text
COMMANDS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
POINTS = {1: 1, 2: 1, 3: 2, 4: 3, 79: 1}


def formula(tex: str, block: bool = False) -> str:
    """`tex` (without dollars) as an SVG element in the text's colour; as code where matplotlib cannot set it."""
    from matplotlib import rc_context
    from matplotlib.textpath import TextPath

    flat = " ".join(tex.replace("\\text{", "\\mathrm{").split())
    flat = flat.replace("\\frac", "\\dfrac") if block else flat
    try:
        with rc_context({"mathtext.fontset": "stix"}):
            path = TextPath((0, 0), f"${flat}$", size=16.0)
    # matplotlib reads formulas strictly, and a few ('~' alone, very deep ones) end in errors of every kind.
    except Exception:
        return f"<code>{escape(tex.strip())}</code>"
    box = path.get_extents()
    left, low, width, height = box.x0 - 0.5, box.y0 - 0.5, box.width + 1, box.height + 1
    svg = (
        f'<svg class="formula" role="img" aria-label="{escape(tex.strip())}" '
        f'viewBox="{left:.1f} {-low - height:.1f} {width:.1f} {height:.1f}" '
        f'style="width:{width / EM:.3f}em;height:{height / EM:.3f}em;vertical-align:{low / EM:.3f}em">'
        f'<path fill="currentColor" d="{_outline(path.vertices, path.codes)}"/></svg>'
    )
    return f'<div class="formula-block">{svg}</div>' if block else svg


def _outline(vertices: object, codes: object) -> str:
    words, i = [], 0
    points = [(float(x), -float(y)) for x, y in vertices]  # type: ignore[attr-defined]
    kinds = [int(code) for code in codes]  # type: ignore[attr-defined]
    while i < len(kinds):
        count = POINTS[kinds[i]]
        here = points[i : i + count] if kinds[i] != 79 else []
        words.append(COMMANDS[kinds[i]] + " ".join(f"{x:.2f} {y:.2f}" for x, y in here))
        i += count
    return "".join(words)
