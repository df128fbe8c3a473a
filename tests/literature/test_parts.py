"""The parts of each method are variants that there are."""

from spinelib.literature import parts
from spinelib.models import METHODS


def test_the_ledger_names_variants_that_there_are():
    ledger = parts.read_parts()
    assert set(ledger["method"]) >= {"r2mfnet", "mdwcnet", "safnet", "seg4regplus"}
    for line in ledger.to_dict("records"):
        if line["method"] in METHODS:
            assert {line["with"], line["without"]} <= set(METHODS[line["method"]].variants)
    assert not ledger.duplicated(["method", "with", "without"]).any()
    assert not ledger.duplicated(["method", "part"]).any()


def test_every_variant_of_a_method_of_one_network_is_compared():
    ledger = parts.read_parts()
    for name in ("mdwcnet", "safnet", "seg4regplus", "r2mfnet"):
        own = ledger[ledger["method"] == name]
        assert set(own["with"]) | set(own["without"]) == set(METHODS[name].variants), name
