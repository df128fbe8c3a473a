"""Completion: the scripts know every command and option, and bash takes its own."""

import shutil
import subprocess

import pytest

from spinelib.command.completion import SHELLS
from spinelib.command.line import main


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_knows_commands_and_options(shell, capsys):
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    for word in ("read", "export", "weights", "hash-patients", "profile"):
        assert word in said


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("spinelib wei", "weights"), ("spinelib study ru", "run"), ("spinelib read --net", "--network")],
)
def test_bash_completes_a_word(typed, offered, capsys):
    main(["completion", "bash"])
    words = typed.split()
    asked = (
        f"{capsys.readouterr().out}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; COMP_TYPE=9\n"
        'shell=$(complete -p spinelib | sed "s/.*-F \\([^ ]*\\).*/\\1/"); $shell; echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
    assert offered in done.stdout.split(), done.stderr
