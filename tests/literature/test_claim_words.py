"""Claims as sentences."""

import pandas as pd

from spinelib.literature.claim_words import claim_lines, claim_sentence


def told(verdict="agrees here", **changes):
    facts = {"statement": "a is better than b", "source": "Table 1", "unit": "deg", "published": 2.5, "dataset": "d"}
    return {**facts, "mean": 0.0123456, "low": -0.01, "high": 0.03, "needed": "", "verdict": verdict, **changes}


def test_a_claim_is_told_in_sentences_and_what_is_not_known_is_left_out():
    words = "A is better than b. Published: 2.5 degrees. Found here: 0.0123 [-0.01, 0.03] degrees (d)."
    assert claim_sentence(told()) == words
    assert claim_sentence(told(published="2.5", mean="0.0123456", low="-0.01", high="0.03")) == words, "as text, too"
    nothing = dict.fromkeys(["published", "mean", "low", "high", "unit", "needed"], float("nan"))
    assert claim_sentence(told(**nothing)) == "A is better than b."
    assert (
        claim_sentence(told(**nothing | {"needed": "200 patients"}))
        == "A is better than b. Settling it needs 200 patients."
    )
    untested = told("not testable here", **nothing | {"needed": "CT"})
    assert claim_sentence(untested) == "A is better than b. Testing it needs CT."
    named = claim_sentence(untested | {"study": "safnet_paper"})
    assert named == "A is better than b. Testing it needs CT. Study safnet_paper sets out for it."
    alike = told(unit="1", published="", mean=0.5, low=0.5, high=0.5)
    assert claim_sentence(alike) == "A is better than b. Found here: 0.5 (d)."


def test_every_line_begins_with_its_verdict():
    lines = claim_lines(pd.DataFrame([told(), told("one training")])).splitlines()
    assert [line.split(".**")[0] for line in lines] == ["- **Agrees here", "- **One training"]
    assert all(line.endswith("*Table 1*") for line in lines)
    assert claim_lines(pd.DataFrame([told()]).head(0)) == "None."
