"""Progress in a log, in a notebook, and switched off."""

import pytest

from spinelib.core.live import Live, begin_live, end_live, read_live
from spinelib.training.progress import Progress


def test_progress_in_a_log_is_a_few_lines_with_the_time_left(capsys):
    with Progress(2000, "step") as bar:
        for step in range(1, 2001):
            bar.update(step, "loss 1", last=step == 2000)
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[0].startswith("step 1/2000 loss 1 (")
    assert lines[0].endswith(" left)")
    assert lines[-1] == "step 2000/2000 loss 1"


def test_progress_in_a_notebook_updates_one_display(monkeypatch):
    shown = []

    class Handle:
        def update(self, bar):
            shown.append((repr(bar), bar._repr_html_()))

    monkeypatch.setattr("spinelib.training.progress._notebook_display", Handle)
    with Progress(2000, "step") as bar:
        for step in range(1, 2001):
            bar.update(step, "loss <1>", last=step == 2000)
    assert 2 <= len(shown) < 20
    assert 'value="2000"' in shown[-1][1]
    assert "&lt;1&gt;" in shown[-1][1]


def test_progress_switched_off_prints_nothing(capsys):
    with Progress(3, enabled=False) as bar:
        bar.update(3, last=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("shown", [True, False])
def test_others_read_how_far_it_is_also_where_nothing_is_shown(tmp_path, shown):
    begin_live(tmp_path / ".live")
    with Progress(20, "step", enabled=shown) as bar:
        bar.update(1, "loss 2")
        assert read_live(tmp_path / ".live") == Live("step", 1, 20, "loss 2")
        bar.update(20, "loss 1", last=True)
    assert read_live(tmp_path / ".live") == Live("step", 20, 20, "loss 1")
    end_live()


def test_progress_tells_why_it_halted(capsys):
    with pytest.raises(ValueError, match="no more"), Progress(3, "step"):
        raise ValueError("no more")
    assert "halted: no more" in capsys.readouterr().out
    with pytest.raises(KeyboardInterrupt), Progress(3, "step"):
        raise KeyboardInterrupt
    assert capsys.readouterr().out == "step 0/3 halted\n"


def test_the_name_of_a_file_moves_no_terminal(capsys):
    with Progress(1, "reading") as bar:
        bar.update(1, "a\n\x1b[2Jb.png", last=True)
    assert capsys.readouterr().out == "reading 1/1 a\\x0a\\x1b[2Jb.png\n"
