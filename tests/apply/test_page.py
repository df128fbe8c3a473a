"""The page of overlays: what it says of a film read from the front, from the side, of a volume and of a failure."""

from spinelib.apply.page import MOST, NOT_MEDICAL, SIDES, write_overlays
from spinelib.apply.picture import CURVES
from spinelib.apply.table import cobb_facts, region_facts
from spinelib.measures.cobb.reading import from_corners
from tests.measures.cobb.spines import s_curve


def page(tmp_path, *rows, title="film"):
    write_overlays(tmp_path, title, [(row["file"].partition(".")[0], row) for row in rows])
    return (tmp_path / "overlays.html").read_text(encoding="utf-8")


def row(name="a.png", **facts):
    return {"file": name, "status": "ok", "network": "film", "chosen_by": "picture", **facts}


def test_every_curve_stands_there_with_its_end_vertebrae_and_its_colour(tmp_path):
    reading = from_corners(s_curve(40), (0.0, 256.0))
    facts = region_facts(reading)
    html = page(tmp_path, row(**cobb_facts(reading), **facts))
    for region, short in (("proximal thoracic", "pt"), ("thoracolumbar/lumbar", "tl")):
        assert (
            f'--curve: {CURVES[region]}"><strong>{facts[f"{short}_angle"]:.1f}\N{DEGREE SIGN}</strong> {region}' in html
        )
        assert f"{facts[f'{short}_upper']} to {facts[f'{short}_lower']}, apex {facts[f'{short}_apex']}" in html
    assert "Read by film (chosen by the picture)" in html
    for words in (SIDES, NOT_MEDICAL.replace("'", "&#39;"), "1 of 1 outlined."):
        assert words in html


def test_what_is_doubtful_or_failed_is_marked(tmp_path):
    bad = {"file": "<b>.png", "status": "failed", "reason": "is empty", "remedy": "Copy it again."}
    volume = row("v.mha", structures="L5;S", slices=9, confidence=0.926)
    skin = row("s.png", status="refused", reason="no row of vertebrae", remedy="Give another.", network="lateral")
    html = page(tmp_path, row(status="doubtful", reason="few vertebrae"), bad, volume, skin)
    assert "Doubtful: few vertebrae." in html
    assert "Not outlined: is empty. Copy it again." in html
    assert "<b>.png" not in html
    assert "L5, S; confidence 0.93" in html
    # Who refused it, and why that network was asked.
    assert "Refused: no row of vertebrae. Give another." in html
    assert "Read by lateral (chosen by the picture)" in html
    assert SIDES not in html


def test_networks_are_counted_where_there_are_several_and_films_in_their_order(tmp_path):
    rows = [row("b.png"), row("a.png", network="lateral", structures=";".join(f"T{k}" for k in range(1, 13)))]
    html = page(tmp_path, *rows)
    assert "2 of 2 outlined: 1 by film, 1 by lateral." in html
    assert html.index("b.png") < html.index("a.png")
    assert "T8 and 4 more" in html


def test_a_page_of_many_films_says_where_the_others_are(tmp_path):
    html = page(tmp_path, *(row(f"{k}.png") for k in range(MOST + 1)))
    assert f"The first {MOST} are shown" in html
    assert f"{MOST}.png" not in html
