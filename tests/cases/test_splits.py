import json
from dataclasses import replace

import numpy as np
import pytest

from spinelib.cases import Case, check_disjoint, folds, frozen_folds, holdout
from spinelib.cases.manifest import to_table
from spinelib.cases.splits import held_out, validating
from spinelib.core.errors import BadInput


def cohort(sizes, split=""):
    return [Case(f"p{p}-{k}", f"p{p}", "coronal", "x.png", split=split) for p, n in enumerate(sizes) for k in range(n)]


SIZES = [1, 3, 1, 2, 2, 1, 4, 1, 1, 2, 3, 1]


@pytest.mark.parametrize("k", [2, 3, 5, 12])
def test_every_case_validates_once_and_no_patient_is_split(k):
    cases = cohort(SIZES)
    parts = folds(cases, k, seed=3)
    assert len(parts) == k
    np.testing.assert_array_equal(np.sort(np.concatenate([held for _, held in parts])), np.arange(len(cases)))
    for train, held in parts:
        assert len(held) > 0
        assert not {cases[i].patient for i in train} & {cases[i].patient for i in held}
        assert len(train) + len(held) == len(cases)


def test_folds_are_even():
    sizes = [len(held) for _, held in folds(cohort(SIZES), 4, seed=0)]
    assert max(sizes) - min(sizes) <= 1


def test_folds_follow_the_seed_and_not_the_order_of_the_rows():
    cases = cohort(SIZES)
    order = np.random.default_rng(0).permutation(len(cases))

    def sides(rows, seed):
        return [frozenset(rows[i].case for i in held) for _, held in folds(rows, 3, seed)]

    assert sides(cases, 1) == sides([cases[i] for i in order], 1)
    assert sides(cases, 1) != sides(cases, 2)


def test_a_table_does_as_well_as_cases():
    cases = cohort(SIZES)
    for (_, a), (_, b) in zip(folds(cases, 3, 0), folds(to_table(cases), 3, 0), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("k", [0, 1, 13])
def test_folds_need_patients(k):
    with pytest.raises(BadInput, match=f"{k} folds of 12 patients"):
        folds(cohort(SIZES), k, 0)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_holdout_takes_about_a_fraction_and_whole_patients(fraction):
    cases = cohort([1, 2, 3] * 20)
    rest, held = holdout(cases, fraction, seed=5)
    assert len(held) == pytest.approx(fraction * len(cases), abs=3)
    assert not {cases[i].patient for i in rest} & {cases[i].patient for i in held}
    assert len(rest) + len(held) == len(cases)


def test_holdout_leaves_a_patient_on_each_side():
    for fraction in (0.01, 0.99):
        rest, held = holdout(cohort([5, 5]), fraction, 0)
        assert len(rest) == len(held) == 5


@pytest.mark.parametrize(("sizes", "fraction"), [([3], 0.5), ([1, 1], 0), ([1, 1], 1), ([1, 1], float("nan"))])
def test_holdout_refuses_what_cannot_be(sizes, fraction):
    with pytest.raises(BadInput):
        holdout(cohort(sizes), fraction, 0)


def test_frozen_folds_are_written_once(tmp_path):
    cases, path = cohort(SIZES), tmp_path / "folds.json"
    first, mark = frozen_folds(path, cases, 3, seed=0)
    written = path.stat().st_mtime_ns
    again, same = frozen_folds(path, cases, 3, seed=0)
    assert (same, path.stat().st_mtime_ns) == (mark, written)
    for (_, a), (_, b), (_, c) in zip(first, again, folds(cases, 3, 0), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


@pytest.mark.parametrize("change", ["cases", "seed", "patients"])
def test_frozen_folds_of_something_else_are_refused(tmp_path, change):
    path = tmp_path / "folds.json"
    frozen_folds(path, cohort(SIZES), 3, seed=0)
    other = {"cases": cohort(SIZES[1:]), "patients": [*cohort(SIZES[:-1]), Case("p11-0", "p0", "coronal", "x")]}
    with pytest.raises(BadInput, match="other cases, folds or seed"):
        frozen_folds(path, other.get(change, cohort(SIZES)), 3, seed=1 if change == "seed" else 0)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"folds": 3})])
def test_a_damaged_fold_file_is_refused(tmp_path, content):
    (tmp_path / "folds.json").write_text(content)
    with pytest.raises(BadInput, match="not a file of folds"):
        frozen_folds(tmp_path / "folds.json", cohort(SIZES), 3, 0)


def test_a_patient_on_both_sides_is_refused_unless_declared():
    train = Case("a", "p", "coronal", "a.png", split="train")
    test = Case("b", "p", "coronal", "b.png", split="test")
    with pytest.raises(BadInput, match=r"1 patient\(s\) in train and in test, the first is 'p'"):
        check_disjoint([train, test])
    check_disjoint([train, replace(test, near_duplicate=("a",))])
    check_disjoint([train, replace(test, patient="q")])
    check_disjoint([train, replace(test, split="")])


@pytest.mark.parametrize("k", [3, 5, 12])
def test_cross_tests_every_patient_once(k):
    cases = cohort(SIZES)
    tested = [held_out(cases, "cross", fold, k) for fold in range(k)]
    np.testing.assert_array_equal(np.sort(np.concatenate(tested)), np.arange(len(cases)))
    patients = [{cases[i].patient for i in part} for part in tested]
    assert sum(map(len, patients)) == len(SIZES), "no patient is in two folds"
    assert all(patients)


def test_published_has_five_disjoint_sets_of_30_of_172_and_4_validate():
    cases = cohort([1] * 170 + [2, 2])
    tested = [held_out(cases, "published", fold, 5) for fold in range(5)]
    patients = [{cases[i].patient for i in part} for part in tested]
    assert [len(part) for part in patients] == [30] * 5
    assert len(set.union(*patients)) == 150
    for part in tested:
        rest = [cases[i] for i in np.setdiff1d(np.arange(len(cases)), part)]
        assert len({case.patient for case in rest}) == 142
        held = {rest[i].patient for i in validating(rest)}
        assert len(held) == 4
        assert sum(case.patient in held for case in rest) == len(validating(rest)), "whole patients validate"
    both = {"p170-0", "p170-1"}
    assert all(len(both & {cases[i].case for i in part}) in (0, 2) for part in tested), "whole patients are tested"


@pytest.mark.parametrize("count", [5, 9, 14, 16, 33, 201])
def test_published_sets_stay_disjoint_however_many_patients(count):
    cases = cohort([1] * count)
    tested = [held_out(cases, "published", fold, 5) for fold in range(5)]
    assert len({len(part) for part in tested}) == 1
    assert len(np.unique(np.concatenate(tested))) == sum(map(len, tested)) <= count
    assert abs(len(tested[0]) - count * 30 / 172) < 1


@pytest.mark.parametrize("scheme", ["cross", "published"])
def test_schemes_follow_the_cases_not_their_order_and_take_a_table(scheme):
    cases = cohort(SIZES)
    order = np.random.default_rng(1).permutation(len(cases))
    moved = [cases[i] for i in order]
    names = {cases[i].case for i in held_out(cases, scheme, 1, 5)}
    assert names == {moved[i].case for i in held_out(moved, scheme, 1, 5)}
    assert names == {cases[i].case for i in held_out(to_table(cases), scheme, 1, 5)}
    assert {cases[i].case for i in validating(cases)} == {moved[i].case for i in validating(moved)}


@pytest.mark.parametrize(("count", "expected"), [(2, 1), (9, 1), (10, 2), (19, 3), (20, 4), (90, 4)])
def test_few_patients_validate(count, expected):
    assert len(validating(cohort([1] * count))) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("cross", 5, 5), "5 of 5"),
        (("cross", -1, 5), "-1 of 5"),
        (("cross", 0, 13), "13 folds of 12 patients"),
        (("cross", 0, 1), "1 folds of 12 patients"),
        (("published", 0, 4), "4 folds of 12 patients"),
        (("crss", 0, 5), "'crss' tells no test cases"),
        (("split", 0, 5), "'split' tells no test cases"),
    ],
)
def test_what_no_scheme_can_do_says_why(words, reason):
    with pytest.raises(BadInput, match=reason):
        held_out(cohort(SIZES), *words)


def test_too_few_patients_for_a_scheme_are_refused():
    with pytest.raises(BadInput, match="5 folds of 4 patients"):
        held_out(cohort([1] * 4), "published", 0, 5)
    with pytest.raises(BadInput, match="leave 1 patient to train and to validate"):
        validating(cohort([3]))
