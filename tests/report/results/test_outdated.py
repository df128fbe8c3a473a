"""A publication of an earlier ledger, or of networks that have changed since, says so by what its tables hold."""

import json

from spinelib.literature.claims import read_claims
from spinelib.models.size import empty_network
from spinelib.report.results.outdated import outdated_parts
from spinelib.report.results.published import PublishedStudy

PLACE = "questions/70_claims/verdicts.csv"


def publication(folder, ledger, networks, facts=None):
    """A published study with these lines of the ledger, and runs of these entries with so many parameters each."""
    given = {"width": 0.25, "grid": [64, 32], "recipe": "common", "local": False}
    records = {
        f"runs/{method}-{variant}": {
            "parameters": given | {"method": method, "variant": variant},
            "facts": {"params": params},
        }
        for (method, variant), params in networks.items()
    }
    records["questions/70_claims"] = {"facts": facts or {}}
    (folder / PLACE).parent.mkdir(parents=True)
    ledger.to_csv(folder / PLACE, index=False)
    (folder / "runs.json").write_text(json.dumps(records))
    return PublishedStudy(folder)


def size(method, variant):
    network = empty_network(method, variant, 0.25, (1, 64, 32))
    return sum(weights.numel() for weights in network.parameters())


def test_todays_ledger_and_networks_have_nothing_to_say(tmp_path):
    networks = {("pspnet", "full"): size("pspnet", "full"), ("spinefm", "full"): 3}
    assert list(outdated_parts(publication(tmp_path, read_claims(), networks))) == []


def test_an_earlier_ledger_and_a_network_that_has_changed_are_told(tmp_path):
    today = read_claims()
    rows = today.replace({"id": {"mdwc-gap": "gone"}, "other": {"seg4regplus/seg4reg_released": "seg4regplus/seg4reg"}})
    networks = {("pspnet", "full"): size("pspnet", "small"), ("pspnet", "small"): size("pspnet", "small")}
    ledger, changed = outdated_parts(publication(tmp_path, rows.head(161), networks))
    asked = int((rows.head(161)["other"] != today.head(161)["other"]).sum())
    assert ledger.startswith(f"Its ledger of claims had 161 lines, today's has {len(today)}: 1 are gone, {asked} ask")
    told = f"pspnet/full ({size('pspnet', 'small') / 1e6:.3g} million parameters then, "
    assert changed.startswith(f"Under the same name stands another network today: {told}")
    assert "pspnet/small" not in changed


def test_a_ledger_that_was_judged_anew_is_still_told_by_what_it_was(tmp_path):
    facts = {"ledger": {"lines": 161, "today": 238, "gone": 5, "otherwise": 30}}
    (line,) = outdated_parts(publication(tmp_path, read_claims(), {}, facts))
    assert line.startswith("Its ledger of claims had 161 lines, today's has 238: 5 are gone, 30 ask something else")
    (tmp_path / PLACE).unlink()
    (tmp_path / "runs.json").write_text("{}")
    assert list(outdated_parts(PublishedStudy(tmp_path))) == []
