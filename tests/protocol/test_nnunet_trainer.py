"""nnU-Net's trainer gets other numbers of epochs and steps, and nothing else; against a stand-in for its package."""

import importlib
import json
import sys

import pytest

from spinelib.protocol.nnunet_trainer import main
from tests.protocol.nnunet_stand_in import calls, install


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("nnunetv2")]:
        monkeypatch.delitem(sys.modules, name)
    install(tmp_path, monkeypatch)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("nnunetv2")]:
        del sys.modules[name]


def test_it_trains_by_the_numbers_given_from_its_last_checkpoint_on_and_says_what_it_took(place):
    main(["501", "cpu", "40", "12", str(place / "facts.json")])
    (call,) = calls(place)
    assert call["words"] == ["501", "2d", 0, True, "cpu", 40, 12, 2, 2]
    facts = json.loads((place / "facts.json").read_text())
    assert facts["params"] == 12
    assert facts["seconds"] >= 0
    program = importlib.import_module("nnunetv2.run.run_training")
    assert program.get_trainer_from_args().num_epochs == 1000, "it is put back"


def test_what_it_took_is_counted_over_all_attempts(place):
    words = ["501", "cpu", "40", "12", str(place / "facts.json")]
    (place / "stop").write_text("0.3")
    took = []
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            main(words)
        took.append(json.loads((place / "facts.json").read_text())["seconds"])
    (place / "stop").unlink()
    main(words)
    assert 0.3 <= took[0] <= took[1] - 0.3
    assert json.loads((place / "facts.json").read_text())["seconds"] >= took[1]
