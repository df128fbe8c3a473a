"""What of a study file is agreed before the first run: all that decides a score, nothing that says where things lie."""

from spinelib.study.agreed import agreed_on, recipe_of
from tests.study.example import GOOD, read
from tests.tiny import PARAMETERS, write_notebook


def test_comparisons_test_sets_and_whole_recipes_are_agreed_on(root):
    agreed = agreed_on(read(root))
    assert list(agreed["comparisons"]) == ["unet/full against unet/resnet18"]
    assert agreed["test sets"] == {"tiny": {"dataset": "folder"}, "more": {"dataset": "phantom", "patients": 2}}
    assert len(agreed["recipes"]) == 5
    recipe = agreed["recipes"]["tiny-unet-full-s1-f0"]
    # the study says how many epochs, its notebook the rate
    assert (recipe["epochs"], recipe["rate"], recipe["seed"], recipe["grid"]) == (2, 0.001, 1, [64, 32])
    assert not {"out", "data", "study", "sources"} & set(recipe)
    assert "a film" not in str(agreed), "films of others are kept as a digest"


def test_another_place_of_the_films_changes_nothing_and_another_film_of_the_list_does(root):
    before = agreed_on(read(root))
    moved = {"tiny": {"dataset": "folder", "source": "$DATA/moved"}, "more": GOOD["data"]["more"]}
    assert agreed_on(read(root, data=moved)) == before
    assert agreed_on(read(root, phantom_development=["another film.jpg"])) != before
    assert agreed_on(read(root, title="Another title")) == before


def test_of_files_what_they_hold_is_agreed_on_and_not_where_they_lie(root, monkeypatch):
    monkeypatch.chdir(root)
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + 'epochs = 1\nwidth = 1.0\nmasks = ""\n')
    entry = {"notebook": "10_train", "method": "masks", "variant": "a_program", "trained_on": "tiny"}
    plan = {"questions": [], "comparisons": [], "defaults": {}}

    def agreed(place):
        study = read(root, runs=[entry | {"parameters": {"masks": place}}], **plan)
        return agreed_on(study)["recipes"]["tiny-masks-a_program-s0-f0"]["masks"]

    for name, content in (("one", b"a"), ("same", b"a"), ("other", b"b")):
        (root / name).mkdir()
        (root / name / "a.png").write_bytes(content)
    assert set(agreed("../one")) == {"holds"}
    assert agreed("../one") == agreed("../same") == agreed(str(root / "same"))
    assert agreed("../one") != agreed("../other")
    assert agreed("../nowhere") == "../nowhere"


def test_of_weights_in_an_option_what_they_hold_is_agreed_on():
    given = {"options": ["gate=conv", "encoder_weights=/one/machine.safetensors"]}
    other = {"options": ["gate=conv", "encoder_weights=/another/machine.safetensors"]}
    held = {"options.encoder_weights": "c0ffee"}
    assert (
        recipe_of(given, held) == recipe_of(other, held) == {"options": ["gate=conv", "encoder_weights=holds c0ffee"]}
    )
    assert recipe_of(given, {"options.encoder_weights": "decaf"}) != recipe_of(given, held)
    assert recipe_of(given, {}) == given
