"""Where published numbers come from, as the index says it."""

from spinelib.report.publish.about import about_html, origin_facts

CPU = {"cpu": "A processor", "cores": 2, "memory_gib": 8, "gpu": ""}


def record(**given):
    parameters = {name: given.pop(name) for name in ("seed", "width", "epochs") if name in given}
    usual = {"started": "2026-01-02T03:04:05+00:00", "commit": "abc", "threads": 1, "hardware": CPU}
    return {"parameters": parameters, **usual, **given}


def test_ranges_stand_for_many_runs_and_what_is_unknown_is_left_out():
    runs = {
        "a": record(seed=1, width=1.0, epochs=9, facts={"training": {"steps": 10, "seconds": 50}}),
        "b": record(seed=0, width=0.25, epochs=9, facts={"training": {"steps": 30, "seconds": 15.4}}, dirty=True),
    }
    questions = {"q": record(started="2026-01-05T00:00:00+00:00", facts=None)}
    assert origin_facts(runs, questions) == [
        ("commit", "abc; abc with local changes"),
        ("date", "2026-01-02 to 2026-01-05"),
        ("seeds", "0; 1"),
        ("budget", "2 trainings, width 0.25 to 1, epochs 9, steps 10 to 30, 1 min 05 s of training in all"),
        ("machine", "A processor, 2 cores, 8 GiB, 1 thread a run"),
    ]
    assert origin_facts({}, {}) == []


def test_a_released_network_is_no_training():
    runs = {"a": record(width=1.0, facts={"released": {"network": "film"}}), "b": record(width=0.25)}
    assert dict(origin_facts(runs, {}))["budget"] == "1 training, width 0.25"
    assert dict(origin_facts({"a": runs["a"]}, {}))["budget"] == "no training"
    masks = record(width=1.0, facts={"masks": {"files": 64}})
    assert dict(origin_facts({"a": masks}, {}))["budget"] == "no training"


def test_machines_that_differ_are_all_named():
    card = {**CPU, "gpu": "A card"}
    runs = {"a": record(hardware=card, threads=4), "b": record()}
    found = dict(origin_facts(runs, {}))
    assert found["machine"] == (
        "A card, A processor, 2 cores, 8 GiB, 4 threads a run; A processor, 2 cores, 8 GiB, 1 thread a run"
    )
    assert found["budget"] == "2 trainings"
    assert found["date"] == "2026-01-02"


def test_words_are_escaped():
    html = about_html([("machine", "<b>")], "make study STUDY=a DATA='<x>'", ["weights & logs"])
    assert "<li><span>machine</span>&lt;b&gt;</li>" in html
    assert "<code>make study STUDY=a DATA=&#x27;&lt;x&gt;&#x27;</code>" in html
    assert "<li>weights &amp; logs</li>" in html
