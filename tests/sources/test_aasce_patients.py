import pytest

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.sources.aasce_patients import FilmChoice, development_names, told_patient, without_test_patients

NAMES = ("10-Jan-2017-243 B AP", "28-Feb-2017-243 A AP", "22-Nov-2016-142 A AP (2)", "20-Jul-2016-coronal15")
TOLD = ("number 243", "number 243", "number 142", NAMES[3])


@pytest.mark.parametrize(("name", "patient"), zip(NAMES, TOLD, strict=True))
def test_the_number_is_the_patient_over_all_dates(name, patient):
    assert told_patient(name) == patient
    assert told_patient(name, "near_duplicate") == name


def case(name, patient, split, near=()):
    return Case(name, patient, "coronal", f"{name}.jpg", split=split, near_duplicate=near)


def test_a_patient_is_on_one_side_or_declared():
    cases = [case("a", "1", "train", ("b",)), case("c", "1", "train"), case("d", "2", "train"), case("b", "1", "test")]
    problems = []
    kept = without_test_patients(cases, False, problems)
    assert [each.case for each in kept] == ["d", "b"]
    assert [(problem.case, problem.action) for problem in problems] == [("a", "excluded"), ("c", "excluded")]
    declared = without_test_patients(cases, True, [])
    assert [each.near_duplicate for each in declared] == [("b",), ("b",), (), ("a", "c")]


def test_a_patient_left_out_takes_all_films_along_even_of_a_film_that_cannot_be_used():
    names = [f"x-2017-{number} {letter} AP" for number in (7, 8) for letter in "AB"]
    choice = FilmChoice.of((), [names[0]], (), set(names))
    cases = [case(name, told_patient(name), "train") for name in names[1:]]
    assert [choice.with_patients(cases, "number").keeps(name) for name in names] == [False, False, True, True]
    # By near-duplicates alone the other film of the number is another patient.
    alone = [case(name, name, "train") for name in names]
    assert [choice.with_patients(alone, "near_duplicate").keeps(name) for name in names] == [False, True, True, True]


def test_films_asked_for_are_test_films_but_those_that_teach():
    cases = [case(name, name, "train") for name in "abc"]
    chosen = FilmChoice.of(["a", "b"], (), ["b"], {"a", "b", "c"}).sides(cases)
    assert [(each.case, each.split) for each in chosen] == [("a", "test"), ("b", "train")]
    assert FilmChoice.of((), (), (), {"a"}).sides(cases) == cases


def test_a_name_that_no_film_has_is_refused():
    with pytest.raises(BadInput, match="is no film of these data"):
        FilmChoice.of((), "development", (), {"a"})
    assert FilmChoice.of("development", (), (), set(development_names())).only == set(development_names())
