import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import savemat

from spinelib.cases import check_disjoint, folds, load_arrays, read_landmarks, read_manifest, read_problems
from spinelib.cases.audit import DuplicatePair, merge_patients
from spinelib.cases.manifest import read_file_uses
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.rules import aasce_angles, apical_translation
from spinelib.measures.pair import NSD_TOLERANCE
from spinelib.sources import prepare
from spinelib.sources.repeat import summarise_repeats
from spinelib.statistics import films_alike

from ..cases.films import film, spine

REAL = os.environ.get("SPINE_DATA", "")
# Re-crops of training films of 10-Jan-2017 among the test films of 28-Feb-2017.
LEAKED = ("239 B", "239 D", "240 B", "241 B", "242 A", "243 B", "244 A")
SIZES = {"training": [(400 + 10 * k, 160 + 2 * k) for k in range(6)], "test": [(410, 170), (420, 180), (430, 190)]}


def label(split, k):
    height, width = SIZES[split][k]
    return spine(height, width, bend=5 + 3 * k).round()


def official(root, change=None):
    """The official layout with made-up films; `change(corners by (split, k))` spoils labels before they are saved."""
    corners = {(split, k): label(split, k) for split, sizes in SIZES.items() for k in range(len(sizes))}
    if change:
        change(corners)
    for split, sizes in SIZES.items():
        data, labels = root / "boostnet_labeldata/data" / split, root / "boostnet_labeldata/labels" / split
        data.mkdir(parents=True)
        labels.mkdir(parents=True)
        rows, angles, names = [], [], []
        for k, (height, width) in enumerate(sizes):
            number = k // 2 + 3 * (split == "test")
            name = f"sunhl-1th-0{k + 1}-Jan-2017-{number} {'AB'[k % 2]} {split} AP.jpg"
            points = corners[split, k].reshape(68, 2)
            seed = k + 100 * (split == "test")
            Image.fromarray(film(height, width, seed)).save(data / name)
            savemat(labels / f"{name}.mat", {"p2": points})
            rows.append(np.concatenate([points[:, 0] / width, points[:, 1] / height]))
            angles.append(aasce_angles(points.reshape(1, 17, 4, 2), [height])[0])
            names.append(name)
        pd.DataFrame(rows).to_csv(labels / "landmarks.csv", header=False, index=False)
        pd.DataFrame(angles).to_csv(labels / "angles.csv", header=False, index=False)
        (labels / "filenames.csv").write_text("\n".join(names) + "\n")
    return root


def run(source, **options):
    out = source.parent / "out"
    prepare("aasce", out, source, **{"audit": False, **options})
    cases = read_manifest(out)
    corners = read_landmarks(out / "landmarks.csv")
    problems = {problem.case.split("-")[-1]: problem for problem in read_problems(out)}
    return {case.case.split("-")[-1]: (case, corners[case.case]) for case in cases}, problems


@pytest.mark.parametrize("part", ["", "boostnet_labeldata"])
def test_the_official_layout_becomes_a_manifest(tmp_path, part):
    films, problems = run(official(tmp_path / "in, ü") / part)
    assert problems == {}
    assert [case.split for case, _ in films.values()] == ["train"] * 6 + ["test"] * 3
    np.testing.assert_array_equal(films["1 B training AP"][1], label("training", 3))
    out = next(tmp_path.rglob("out"))
    angles = pd.read_csv(out / "angles.csv")
    assert list(angles.columns) == ["case", "an1", "an2", "an3"]
    assert len(angles) == 9
    assert len(load_arrays(out, (64, 32))) == 9


def test_labels_are_repaired_left_out_or_kept_with_a_note_and_always_listed(tmp_path):
    def spoil(corners):
        corners["training", 0] = np.roll(corners["training", 0], -1, 0)
        corners["training", 1][5] = corners["training", 1][5, [2, 3, 0, 1]]
        corners["training", 2][7, 3] = corners["training", 2][7, 2] + 1
        corners["training", 3][16] = corners["training", 3][15] + 1
        corners["test", 0][7, 3] = corners["test", 0][7, 2] + 1
        corners["test", 1] = np.roll(corners["test", 1], -1, 0)
        corners["test", 2][16, 2:, 1] += 40

    films, problems = run(official(tmp_path / "in", spoil))
    actions = {name: problem.action for name, problem in problems.items()}
    assert actions == {
        "0 A training AP": "repaired",
        "0 B training AP": "repaired",
        "1 A training AP": "excluded",
        "1 B training AP": "kept",
        "3 A test AP": "kept",
        "3 B test AP": "repaired",
        "4 A test AP": "kept",
    }
    assert len(films) == 8
    assert "1 A training AP" not in films
    np.testing.assert_array_equal(films["0 A training AP"][1], label("training", 0))
    np.testing.assert_array_equal(films["0 B training AP"][1], label("training", 1))
    np.testing.assert_array_equal(films["3 B test AP"][1], label("test", 1))
    assert "nearly coincide" in films["3 A test AP"][0].note
    assert "outside the film" in films["4 A test AP"][0].note


def test_disagreeing_files_are_listed(tmp_path):
    source = official(tmp_path / "in")
    labels = source / "boostnet_labeldata/labels/training"
    mats = sorted(labels.glob("*.mat"))
    savemat(mats[0], {"p2": label("training", 0).reshape(68, 2) + 9})
    mats[1].write_bytes(b"broken")
    mats[2].unlink()
    angles = pd.read_csv(labels / "angles.csv", header=None)
    angles.loc[3, 0] += 2
    angles.to_csv(labels / "angles.csv", header=False, index=False)
    films, problems = run(source)
    assert len(films) == 9
    assert "by up to 9 px" in problems["0 A training AP"].problem
    assert problems["0 B training AP"].problem == "is not readable"
    assert "1 A training AP" not in problems
    assert "do not follow" in problems["1 B training AP"].problem
    np.testing.assert_allclose(films["0 A training AP"][1], label("training", 0), atol=0.01)


def test_a_missing_and_a_broken_film_become_problems(tmp_path):
    source = official(tmp_path / "in")
    first, second, third = sorted((source / "boostnet_labeldata/data/training").iterdir())[:3]
    first.unlink()
    second.write_bytes(b"words")
    third.write_bytes(third.read_bytes()[:2000])
    films, problems = run(source, audit=True)
    assert len(films) == 6
    assert {problem.action for problem in problems.values()} == {"excluded"}
    assert {problem.problem.split(" (")[0] for problem in problems.values()} == {
        "does not exist",
        "is not an image of a known format",
        "is damaged or cut short",
    }


def test_what_is_wrong_with_one_row_or_one_file_costs_one_film_and_every_file_is_accounted_for(tmp_path):
    source = official(tmp_path / "in") / "boostnet_labeldata"
    labels, data = source / "labels/training", source / "data/training"
    rows = (labels / "landmarks.csv").read_text().splitlines()
    rows[0] = rows[0].rpartition(",")[0]
    (labels / "landmarks.csv").write_text("\n".join(rows))
    angles = (labels / "angles.csv").read_text().splitlines()
    angles[1] = "10,none,3"
    (labels / "angles.csv").write_text("\n".join(angles))
    first, second, *_, last = sorted(data.iterdir())
    Image.open(first).save(data / "extra.png")
    last.unlink()
    last.symlink_to(tmp_path / "nowhere.jpg")
    (labels / "notes.txt").write_text("x")
    films, problems = run(tmp_path / "in", audit=True)
    assert len(films) == 6
    assert (
        "landmarks.csv: has no row of numbers"
        in f"{problems['0 A training AP'].file}: {problems['0 A training AP'].problem}"
    )
    assert "has no row of numbers" in problems["0 B training AP"].problem
    assert problems["2 B training AP"].problem == "does not exist"
    assert problems["extra"].problem == "is in no row of filenames.csv"
    uses = {use.file.removeprefix("boostnet_labeldata/"): use.use for use in read_file_uses(tmp_path / "out")}
    assert len(uses) == sum(len(names) for _, _, names in os.walk(tmp_path / "in"))
    assert {name for name, use in uses.items() if use == "ignored"} == {"labels/training/notes.txt"}
    mats = {f"labels/training/{path.name}.mat" for path in (first, second, last)}
    assert {name for name, use in uses.items() if use == "problem"} == mats | {
        f"data/training/{path.name}" for path in (first, second, last, data / "extra.png")
    }


def test_tables_of_any_spreadsheet_read_alike(tmp_path):
    source = official(tmp_path / "in")
    before, _ = run(source)
    for path in (source / "boostnet_labeldata/labels/training").glob("*s.csv"):
        if path.name != "filenames.csv":
            text = path.read_text().replace(",", ";").replace(".", ",")
            path.write_bytes(text.encode("utf-16"))
    after, problems = run(source)
    assert {problem.problem for problem in problems.values()} == {
        "was read as utf-16-le text, with fields separated by semicolons"
    }
    for name, (case, corners) in before.items():
        assert after[name][0] == case
        np.testing.assert_array_equal(after[name][1], corners)


def test_of_films_or_rows_with_one_name_none_is_taken(tmp_path):
    source = official(tmp_path / "in") / "boostnet_labeldata"
    names = (source / "labels/training/filenames.csv").read_text().splitlines()
    names[1] = names[0]
    names[3] = names[2].replace(".jpg", ".png")
    Image.open(source / "data/training" / names[2]).save(source / "data/training" / names[3])
    (source / "labels/training/filenames.csv").write_text("\n".join(names))
    films, problems = run(tmp_path / "in")
    assert [name for name in films if "training" in name] == ["2 A training AP", "2 B training AP"]
    assert {"0 A training AP", "0 B training AP", "1 A training AP", "1 B training AP"} == set(problems)


def test_corners_that_are_no_numbers_are_never_taken(tmp_path):
    source = official(tmp_path / "in")
    mat = sorted((source / "boostnet_labeldata/labels/training").glob("*.mat"))[0]
    savemat(mat, {"p2": np.full((68, 2), np.nan)})
    films, problems = run(source)
    np.testing.assert_allclose(films["0 A training AP"][1], label("training", 0), atol=0.01)
    assert "differs from landmarks.csv" in problems["0 A training AP"].problem


def leaking(root):
    """The made-up films, the first test film a re-crop of the first training film."""
    source = official(root)
    names = [sorted((source / "boostnet_labeldata/data" / split).iterdir()) for split in ("training", "test")]
    original = Image.open(names[0][0])
    height, width = SIZES["test"][0]
    original.crop((0, 0, original.width, original.height)).resize((width, height)).save(names[1][0], quality=90)
    return source


def test_films_labelled_twice_are_found_and_compared(tmp_path):
    films, problems = run(leaking(tmp_path / "in"), audit=True, split="official")
    train, test = films["0 A training AP"][0], films["3 A test AP"][0]
    assert train.near_duplicate == (test.case,)
    assert test.near_duplicate == (train.case,)
    # What is no near-duplicate but of the same patient is declared as well.
    assert films["0 B training AP"][0].near_duplicate == (test.case, films["3 B test AP"][0].case)
    assert films["1 A training AP"][0].near_duplicate == ()
    assert train.patient == test.patient == films["0 B training AP"][0].patient == "number 0"
    assert problems == {}
    check_disjoint([case for case, _ in films.values()])
    repeat = pd.read_csv(tmp_path / "out/repeat.csv")
    facts = summarise_repeats(repeat)
    assert facts["pairs"] == 1
    assert facts["shifted"] == 0
    assert facts["dice"] > 0.8
    assert facts["difference_mean"] < 1


def test_no_patient_is_learned_from_and_tested(tmp_path):
    films, problems = run(leaking(tmp_path / "in"), audit=True)
    assert {"0 A training AP", "0 B training AP"} == set(problems) == {f"0 {k} training AP" for k in "AB"}
    assert all(problem.action == "excluded" and "test films" in problem.problem for problem in problems.values())
    sides = {side: {case.patient for case, _ in films.values() if case.split == side} for side in ("train", "test")}
    assert sides == {"train": {"number 1", "number 2"}, "test": {"number 0", "number 4"}}
    assert not any(case.near_duplicate for case, _ in films.values())
    # How far two labels of one film agree is no matter of what is learned from.
    assert len(pd.read_csv(tmp_path / "out/repeat.csv")) == 1


def test_near_duplicates_alone_may_make_patients(tmp_path):
    films, _ = run(official(tmp_path / "in"), patients="near_duplicate")
    assert len({case.patient for case, _ in films.values()}) == len(films)
    for option in ("patients", "split"):
        with pytest.raises(BadInput, match=r"near_duplicate|official"):
            run(tmp_path / "in", **{option: "names"})


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("landmarks.csv", "1,2,3\n", "not 6 of 136"),
        ("angles.csv", "1,2,3\n" * 5, "5 rows, not 6 of 3"),
        ("filenames.csv", None, "missing"),
    ],
)
def test_damaged_tables_are_refused(tmp_path, file, content, reason):
    path = official(tmp_path / "in") / "boostnet_labeldata/labels/training" / file
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(BadInput, match=reason):
        run(tmp_path / "in")


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(BadInput, match="does not hold the AASCE 2019 layout"):
        prepare("aasce", tmp_path / "out", tmp_path)


def _pairs(table):
    return [DuplicatePair(*row) for row in table.itertuples(index=False, name=None)]


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="set SPINE_DATA to the folder of the real images to run this")
def test_the_real_films_their_leak_and_their_repeat_agreement(tmp_path):
    # Time of this process, so that a busy machine does not count.
    start = time.process_time()
    prepare("aasce", tmp_path, Path(REAL) / "aasce2019", split="official")
    assert time.process_time() - start < 90
    cases = read_manifest(tmp_path)
    assert sum(case.split == "test" for case in cases) == 64
    assert sum(case.split == "train" for case in cases) == 477
    check_disjoint(cases)
    pairs = pd.read_csv(tmp_path / "audit.csv")
    found = set(pairs.loc[pairs["across_split"], ["a", "b"]].itertuples(index=False, name=None))
    assert {(f"sunhl-1th-10-Jan-2017-{name} AP", f"sunhl-1th-28-Feb-2017-{name} AP") for name in LEAKED} <= found
    assert len(pairs) < 60
    marked = {case.case for case in cases if case.near_duplicate}
    tested = {case.case for case in cases if case.split == "test"}
    assert {name for pair in found for name in pair} <= marked
    # Every test film whose patient is in training is a near-duplicate, too.
    assert marked & tested == {name for pair in found for name in pair} & tested
    patients = {side: {case.patient for case in cases if case.split == side} for side in ("train", "test")}
    assert len(patients["train"] | patients["test"]) == 250
    assert len(patients["test"]) == 35
    shared = patients["train"] & patients["test"]
    assert sum(case.patient in shared for case in cases if case.split == "test") == 8
    assert sum(case.patient in shared for case in cases if case.split == "train") == 24
    names = [case.case for case in cases]
    numbered = [case.patient for case in cases]
    largest = pd.read_csv(tmp_path / "angles.csv").set_index("case")["an1"][names]
    assert films_alike(largest, numbered).icc == pytest.approx(0.745, abs=0.005)
    offset = apical_translation(np.stack([read_landmarks(tmp_path / "landmarks.csv")[name] for name in names]))
    assert films_alike(offset, numbered).icc == pytest.approx(0.83, abs=0.005)
    # With near-duplicates alone most films that validate show a patient who is learned from.
    alone = merge_patients([replace(case, patient=case.case) for case in cases], _pairs(pairs))
    alone = [case for case in alone if case.split == "train"]
    told = np.array([case.patient for case in cases if case.split == "train"])
    learned, held = folds(alone, 10, 0)[0]
    assert (len(held), np.isin(told[held], told[learned]).sum()) == (48, 38)
    repeat = pd.read_csv(tmp_path / "repeat.csv")
    named = repeat[repeat["a"].str.contains("10-Jan-2017-(?:239|24)") & repeat["b"].str.contains("28-Feb-2017")]
    assert len(named) == 7
    assert named["difference_mean"].mean() == pytest.approx(3.0, abs=0.05)
    assert named["difference_an1"].mean() == pytest.approx(1.8, abs=0.05)
    assert named["dice"].mean() == pytest.approx(0.85, abs=0.02)
    assert (named["level_shift"] != 0).sum() == 4
    assert repeat["boundary_p95"].median() == pytest.approx(100 * NSD_TOLERANCE, rel=0.01)


def test_some_films_are_scored_apart_from_the_others(tmp_path):
    source = official(tmp_path / "in")
    films, _ = run(source)
    every = {case.case: case.split for case, _ in films.values()}
    apart = [name for name, split in every.items() if split == "train"][1:4]
    chosen, _ = run(source, only=apart)
    assert {case.case: case.split for case, _ in chosen.values()} == dict.fromkeys(apart, "test")
    taught, _ = run(source, only=apart, train=apart[1:])
    assert [case.split for case, _ in taught.values()] == ["test", "train", "train"]
    rest, _ = run(source, without=apart[:1])
    assert {case.case: case.split for case, _ in rest.values()} == {
        name: side for name, side in every.items() if "-0 " not in name
    }


def test_films_of_the_patients_of_films_left_out_are_left_out_too(tmp_path):
    source = leaking(tmp_path / "in")
    named = [case.case for case, _ in run(source)[0].values()]
    films, problems = run(source, audit=True, without=[name for name in named if "-0 B" in name])
    assert set(films) == {f"{number} {letter} training AP" for number in (1, 2) for letter in "AB"} | {"4 A test AP"}
    # Test films 3 A and 3 B are of the patient of 0 A by its near-duplicate; nothing is a problem about them.
    assert problems == {}
    assert not pd.read_csv(tmp_path / "out/audit.csv").shape[0]


def test_label_errors_of_films_left_out_are_not_listed(tmp_path):
    def spoil(corners):
        corners["training", 2][7, 3] = corners["training", 2][7, 2] + 1

    source = official(tmp_path / "in", spoil)
    films, problems = run(source)
    broken = [problem.case for problem in problems.values()]
    assert len(broken) == 1
    # A film without a usable label may be named all the same.
    assert run(source, without=broken)[1] == {}
    assert run(source, only=[*broken, films["0 A training AP"][0].case])[1].keys() == problems.keys()


@pytest.mark.parametrize("option", ["only", "without", "train"])
@pytest.mark.parametrize("names", [["sunhl-1th-01-Jan-2017-0 A trainin AP"], "sunhl"])
def test_names_that_no_film_has_are_refused(tmp_path, option, names):
    with pytest.raises(BadInput, match=r"0 A training AP|Give a list"):
        run(official(tmp_path / "in"), **{option: names})
