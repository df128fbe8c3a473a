"""`spinelib weights list`: every released network, and whether it is here."""

from spinelib.command.line import main
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction import released


def test_every_network_has_its_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(released, "shipped", lambda *parts: tmp_path.joinpath(*parts))
    folder = tmp_path / "data" / "weights" / "film"
    folder.mkdir(parents=True)
    (folder / CARD).touch()
    (folder / WEIGHTS).write_bytes(bytes(1_500_000))
    assert main(["weights", "list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert list(lines) == list(released.RELEASED)
    assert "1.5 MB" in lines["film"]
    assert str(folder) in lines["film"]
    assert "not here" in lines["mr"]
