"""Other people's names and paths: found in their tables, and written nowhere."""

import json
from html import escape
from urllib.parse import quote

import pytest

from spinelib.report.publish.private import Private, private_words

FACTS = {
    "name": "s",
    "data": {"mine": "dataset folder, source /x/My films, 2024, grid [1, 2]"},
    "runs": [],
    "questions": [],
}


def study(root, rows, source="/x/My films, 2024", facts=FACTS, **records):
    folder = root / "reports" / "s"
    (folder / "data" / "mine").mkdir(parents=True)
    (folder / "data" / "mine" / "options.json").write_text(json.dumps({"dataset": "folder", "source": source}))
    (folder / "data" / "mine" / "manifest.csv").write_text(
        "case,patient,view,image\n" + "".join(f"{r}\n" for r in rows)
    )
    return private_words(folder, facts, records)


def test_names_are_those_of_the_tables_and_of_the_folders_below_the_source(tmp_path):
    found = study(
        tmp_path, ['fall_a,Meier Anna,coronal,"/x/My films, 2024/Meier Anna/fall_a.dcm"', "b,c,lateral,/y/up/low.png"]
    )
    assert {"fall_a", "fall_a.dcm", "Meier Anna"} <= found.names
    assert not {"up", "coronal", "lateral", "b", "c"} & found.names
    text = "fall_a of Meier Anna in /x/My films, 2024/Meier Anna and …/x"
    assert found.clean(text) == "(a film) of (a film) in $DATA/(a film) and …/x"


def test_films_that_a_study_leaves_out_have_names_too(tmp_path):
    options = tmp_path / "reports" / "s" / "data" / "mine" / "options.json"
    study(tmp_path, [])
    options.write_text(json.dumps({"source": "/x/y", "without": ["Meier-Anna", "c"], "only": "development"}))
    assert private_words(tmp_path / "reports" / "s", FACTS, {}).names == {"Meier-Anna"}


@pytest.mark.parametrize(
    "name", ['fäll <1> & "2"', "it's $5_a$", "back\\slash", "100 % of it", "a/b: c", "\u60a3\u8005\u4e00\u4e8c"]
)
def test_a_name_is_found_however_it_is_written(name):
    private = Private(frozenset([name]), frozenset(), "/nowhere/")
    for written in (
        name,
        escape(name),
        json.dumps(name)[1:-1],
        repr(name)[1:-1],
        quote(name),
        json.dumps(escape(name))[1:-1],
    ):
        if written.strip() and private.holds(written):
            assert private.clean(f"before {written} after") == "before (a film) after"
    for written in (name, escape(name), json.dumps(name)[1:-1], quote(name)):
        assert private.holds(f"before {written} after")


@pytest.mark.parametrize("name", ["1", "007", "2024", "0.25", "a", "spi", "seed", "width"])
def test_numbers_and_our_own_words_are_left_in_texts(tmp_path, name):
    facts = FACTS | {"title": "seed and width"}
    assert name not in study(tmp_path, [f"{name},{name},coronal,x"], facts=facts).names


def test_a_short_name_in_another_script_is_told(tmp_path):
    assert "\u738b" in study(tmp_path, ["\u738b,p,coronal,x"]).names


def test_short_names_stand_by_themselves():
    private = Private(frozenset(["anna"]), frozenset(), "/nowhere/")
    assert private.clean("hanna anna annabel anna_2") == "hanna (a film) annabel (a film)_2"


def test_data_made_here_have_no_names(tmp_path):
    facts = FACTS | {"data": {"mine": "dataset phantom, patients 2"}}
    assert study(tmp_path, ["patient_0001_coronal,patient_0001,coronal,x"], "", facts).names == frozenset()


def test_films_that_were_outlined_have_names_too(tmp_path):
    applied = tmp_path / "reports" / "s" / "questions" / "80_apply" / "applied"
    applied.mkdir(parents=True)
    (applied / "results.csv").write_text("file,an1\nMeier-Anna.png,12.3\n")
    record = {"parameters": {"out": "../reports/s/questions/80_apply", "source": "../films of mine/x"}}
    facts = FACTS | {"data": {"mine": "dataset phantom"}}
    found = study(tmp_path, [], "", facts, **{"questions/80_apply": record})
    assert "Meier-Anna" in found.names
    assert found.clean("from ../films of mine/x/Meier-Anna.png") == "from $DATA/(a film)"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("in /home/me/a/b.png", "in ~/a/b.png"),
        ("/tmp/pytest-1/x/b.png and /usr/lib/python3/os.py", "…/b.png and …/os.py"),
        (
            "https://example.org/tmp/x <p>a</p> and/or 3/4 runs/data/x",
            "https://example.org/tmp/x <p>a</p> and/or 3/4 runs/data/x",
        ),
        ("/nowhere/reports/s", "reports/s"),
        ('{"trained": "/cluster/people/me/runs/r"}', '{"trained": "…/r"}'),
    ],
)
def test_folders_of_the_machine_go(text, left):
    assert Private(frozenset(), frozenset(), "/nowhere/").clean(text) == left
