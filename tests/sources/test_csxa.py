import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from spinelib.cases import load_arrays, read_classes, read_image, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.sources.csxa import LEVELS, is_inverted, prepare_csxa, read_points
from spinelib.spinefm.instances import has_landmarks, instances_of

from ..cases.films import film
from .accounts import uses

SHAPE = (160, 120)


def quad(level, top, left=40, width=30, height=14):
    points = {
        "top left": (0, 0),
        "top right": (width, 0),
        "bottom left": (2, height),
        "bottom right": (width + 2, height),
    }
    return {f"{level} {name}": (left + x + 0.5, top + y + 0.5) for name, (x, y) in points.items()}


def keypoints():
    """The 23 points of a cervical spine, in Labelme's coordinates."""
    points = {"C2 centroid": (56.5, 18.5), "C2 bottom left": (42.5, 26.5), "C2 bottom right": (72.5, 26.5)}
    for k, level in enumerate(LEVELS[1:]):
        points |= quad(level, 32 + 22 * k)
    return points


def labelme(points, **facts):
    shapes = [{"label": k, "points": [list(v)], "shape_type": "point", "group_id": None} for k, v in points.items()]
    content = {"version": "5.1.1", "flags": {}, "shapes": shapes, "imageHeight": SHAPE[0], "imageWidth": SHAPE[1]}
    return json.dumps({**content, **facts})


def picture(seed):
    pixels = film(*SHAPE, seed=seed).astype(np.int16) // 3
    for k in range(6):
        pixels[10 + 22 * k : 25 + 22 * k, 41:70] += 120
    return np.clip(pixels, 0, 255).astype(np.uint8)


def add(root, name, points=None, seed=None, text=None, invert=False):
    for folder in ("datasets-PNG", "datasets-JSON"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    pixels = picture(int(name) if seed is None else seed)
    Image.fromarray(255 - pixels if invert else pixels).save(root / "datasets-PNG" / f"{name}.png")
    written = labelme(keypoints() if points is None else points) if text is None else text
    (root / "datasets-JSON" / f"{name}.json").write_text(written, encoding="utf-8")


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "atlas"
    for k in range(1, 5):
        add(root, f"{k:07d}")
    return root


def run(source, **options):
    out = source.parent / "out"
    prepare_csxa(source, out, **{"audit": False, "test_fraction": 0.5, **options})
    return out, {case.case: case for case in read_manifest(out)}, {p.case: p for p in read_problems(out)}


def test_key_points_become_a_label_map_of_c2_to_c7(source):
    out, cases, problems = run(source, audit=True)
    assert problems == {}
    assert sorted(cases) == [f"{k:07d}" for k in range(1, 5)]
    assert read_classes(out) == LEVELS
    assert {case.view for case in cases.values()} == {"lateral"}
    assert sorted(case.split for case in cases.values()) == ["test", "test", "train", "train"]
    data = load_arrays(out, SHAPE)
    found = instances_of(data, 0)
    assert [instance.level for instance in found] == list(LEVELS)
    assert has_landmarks(data)
    assert data.landmarks.shape[1] == 0
    # C4's corners are (40, 54), (70, 54), (42, 68), (72, 68): its middle is (56, 61).
    np.testing.assert_allclose(found[2].centroid, (56, 61), atol=0.6)
    assert abs(int(found[2].mask.sum()) - 30 * 14) < 40


def test_c2_is_the_parallelogram_around_its_centroid(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(labelme(keypoints()), encoding="utf-8")
    c2 = read_points(path, SHAPE)[0]["C2"]
    np.testing.assert_allclose(c2, [[40, 10], [70, 10], [42, 26], [72, 26]])


def test_c2_may_be_left_out(source):
    out, _, _ = run(source, c2="left_out")
    assert read_classes(out) == LEVELS[1:]
    assert not has_landmarks(load_arrays(out, SHAPE))


def test_corners_are_written_beside_the_masks(source):
    out, cases, _ = run(source)
    lines = (out / "corners.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("case,vertebra,tl_x,tl_y")
    assert len(lines) == 1 + 6 * len(cases)
    assert "0000001,C3,40.0,32.0,70.0,32.0,42.0,46.0,72.0,46.0" in lines
    for case in cases.values():
        assert set(np.unique(read_image(out / case.mask))) == set(range(7))


def test_films_and_points_may_lie_in_one_folder_and_other_files_are_passed_over(source):
    for path in [*(source / "datasets-PNG").iterdir(), *(source / "datasets-JSON").iterdir()]:
        shutil.move(path, source / path.name)
    (source / "report.json").write_text("no", encoding="utf-8")
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert problems == {}


def test_some_films_are_drawn_by_seed(source):
    for k in range(5, 12):
        add(source, f"{k:07d}")
    chosen = {seed: sorted(run(source, films=4, seed=seed)[1]) for seed in (0, 0, 1)}
    assert all(len(names) == 4 for names in chosen.values())
    assert chosen[0] != chosen[1]
    assert len(run(source, films=0)[1]) == 11


def test_a_level_without_all_of_its_corners_is_left_out_with_a_note(source):
    points = {name: xy for name, xy in keypoints().items() if name not in ("C7 top left", "C2 centroid")}
    add(source, "0000009", points)
    out, cases, problems = run(source)
    assert "C2, C7 without all of its corners" in problems["0000009"].problem
    assert problems["0000009"].action == "kept"
    assert set(np.unique(read_image(out / cases["0000009"].mask))) == {0, 2, 3, 4, 5}


def test_left_and_right_exchanged_everywhere_are_put_right(source):
    swap = {"left": "right", "right": "left"}
    points = {" ".join(swap.get(word, word) for word in name.split()): xy for name, xy in keypoints().items()}
    add(source, "0000009", points)
    out, cases, problems = run(source)
    assert problems["0000009"].action == "repaired"
    one, nine = (read_image(out / cases[name].mask) for name in ("0000001", "0000009"))
    np.testing.assert_array_equal(one, nine)


def test_inverted_films_are_left_out_or_kept(source):
    add(source, "0000009", seed=1, invert=True)
    _, cases, problems = run(source)
    assert "0000009" not in cases
    assert "inverted" in problems["0000009"].problem
    assert "0000009" in run(source, inverted="kept")[1]


def test_bodies_that_are_brighter_than_their_surroundings_are_not_inverted():
    labels = np.zeros((40, 40), np.uint8)
    labels[10:20, 10:20] = 1
    pixels = np.where(labels > 0, 9.0, 3.0).astype(np.float32)
    assert not is_inverted(pixels, labels)
    assert is_inverted(-pixels, labels)


def change(**points):
    return {name: points.get(name.replace(" ", "_"), xy) for name, xy in keypoints().items()}


BAD = {
    "no JSON": ("{", "is not valid JSON"),
    "a bomb": ("[" * 100_000, "is not valid JSON"),
    "a list": ("[1]", "no list of shapes"),
    "shapes as text": ('{"shapes": "x"}', "no list of shapes"),
    "nothing": ('{"shapes": []}', "marks no whole vertebra"),
    "another film": (labelme(keypoints(), imageHeight=99), "was drawn on a film of"),
    "text": (labelme(change(C3_top_left=("x", 1))), "no usable point"),
    "nan": (labelme(change(C3_top_left=(float("nan"), 1))), "no usable point"),
    "far": (labelme(change(C3_top_left=(1e9, 1))), "no usable point"),
    "three": (labelme(change(C3_top_left=(1, 2, 3))), "no usable point"),
    "odd shapes": ('{"shapes": [1, null, {"label": ["C3"]}]}', "shape 1 is no shape"),
    "crossed": (labelme(change(C3_top_left=(80.0, 30.0))), "corners of C3 cross"),
    "outside": (labelme({**keypoints(), **quad("C7", 190)}), "outside the film"),
    "order": (labelme({**keypoints(), **quad("C4", 120), **quad("C6", 54)}), "does not lie below"),
    "size": (labelme({**keypoints(), **quad("C5", 76, width=3, height=3)}), "times the usual area"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_row_of_problems_and_the_others_go_on(source, name):
    text, words = BAD[name]
    add(source, "0000009", text=text)
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert words in problems["0000009"].problem
    assert problems["0000009"].action == "excluded"


def test_a_point_given_twice_is_refused(source):
    content = json.loads(labelme(keypoints()))
    content["shapes"].append(content["shapes"][0])
    add(source, "0000009", text=json.dumps(content))
    assert "twice" in run(source)[2]["0000009"].problem


def test_films_and_points_without_partner_are_listed(source):
    os.remove(source / "datasets-JSON" / "0000001.json")
    os.remove(source / "datasets-PNG" / "0000002.png")
    _, cases, problems = run(source)
    assert sorted(cases) == ["0000003", "0000004"]
    assert "no JSON file" in problems["0000001"].problem
    assert "has no image" in problems["0000002"].problem


def test_another_layout_and_unknown_options_are_refused(tmp_path, source):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="0 PNG and 0 JSON"):
        prepare_csxa(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(BadInput, match="c2 is 'guess'"):
        prepare_csxa(source, tmp_path / "out", c2="guess")
    with pytest.raises(BadInput, match="films is -1"):
        prepare_csxa(source, tmp_path / "out", films=-1)
    for path in (source / "datasets-JSON").iterdir():
        path.write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="holds no usable film; the first problem"):
        prepare_csxa(source, tmp_path / "out", audit=False)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (labelme(keypoints()), "utf-16"),
        (labelme(keypoints(), imageHeight=160.0, imageWidth="120", operator="M?ller"), "cp1252"),
        (labelme({name.upper().replace(" ", "_"): xy for name, xy in keypoints().items()}), "utf-8-sig"),
    ],
)
def test_files_of_any_program_read_alike(tmp_path, text, encoding):
    path = tmp_path / "a.json"
    path.write_text(labelme(keypoints()), encoding="utf-8")
    wanted = read_points(path, SHAPE)[0]
    path.write_bytes(text.replace("M?ller", "Müller").encode(encoding))
    found, remark = read_points(path, SHAPE)
    assert found.keys() == wanted.keys()
    assert all((found[level] == wanted[level]).all() for level in wanted)
    assert (remark == "") == (encoding == "utf-8-sig")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"imageHeight": 80.0}, "was drawn on a film of 120 x 80 pixels"),
        ({"imageHeight": "120", "imageWidth": "160"}, "turned by 90 degrees"),
        ({"imageHeight": "tall"}, "states imageHeight 'tall'"),
    ],
)
def test_a_size_is_compared_however_it_is_written(tmp_path, facts, words):
    path = tmp_path / "a.json"
    path.write_text(labelme(keypoints(), **facts), encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        read_points(path, SHAPE)


def test_points_as_shares_of_the_film_are_refused(source):
    add(source, "0000009", {name: (x / SHAPE[1], y / SHAPE[0]) for name, (x, y) in keypoints().items()})
    assert "shares of the film" in run(source)[2]["0000009"].problem


def test_points_of_other_names_are_named(source):
    add(source, "0000009", {**keypoints(), "C1 tip": (5, 5)})
    _, cases, problems = run(source)
    assert "0000009" in cases
    assert (problems["0000009"].action, problems["0000009"].problem) == (
        "kept",
        "1 shapes that are none of the 23 points are passed over ('C1 tip')",
    )


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(source):
    png, points = source / "datasets-PNG", source / "datasets-JSON"
    for k in (5, 6, 7):
        add(source, f"{k:07d}")
    Image.open(png / "0000005.png").save(png / "0000005.jpg")
    (source / "more").mkdir()
    shutil.copy(points / "0000006.json", source / "more")
    (points / "0000007.json").unlink()
    (points / "0000007.json").symlink_to(source / "nowhere.json")
    (source / "Thumbs.db").write_bytes(b"x")
    out, cases, problems = run(source, films=3)
    found = uses(source, out)
    assert len(cases) == 3
    assert {"0000005", "0000006", "0000007"} <= problems.keys()
    bad = ("datasets-PNG/0000005.png", "datasets-PNG/0000005.jpg", "datasets-JSON/0000005.json")
    bad += ("datasets-PNG/0000006.png", "datasets-JSON/0000006.json", "more/0000006.json")
    bad += ("datasets-PNG/0000007.png", "datasets-JSON/0000007.json")
    assert {name for name, use in found.items() if use == "problem"} == set(bad)
    assert sorted(found.values()).count("used") == 2 * len(cases)
    assert found["Thumbs.db"] == "ignored"
