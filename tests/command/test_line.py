"""The command line as a whole: help at once, errors in one line, statuses, words behind --."""

import signal
import subprocess
import sys

import pytest

import spinelib
from spinelib.command import line, weights
from spinelib.core.errors import BadInput
from spinelib.core.files import REMEDY

COMMANDS = ["read", "export", "new", "study", "study run", "study show", "study list", "weights", "weights list"]


@pytest.mark.parametrize("command", ["", *COMMANDS, "completion"])
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        line.main([*command.split(), "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"spinelib {command}".rstrip() in said
    assert "exit status:" in said
    assert max(map(len, said.splitlines())) <= 120


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_the_help_are_words_that_the_command_takes(command, capsys):
    with pytest.raises(SystemExit):
        line.main([*command.split(), "--help"])
    said = capsys.readouterr().out
    examples = [text.split("#")[0].split()[1:] for text in said.splitlines() if text.startswith("  spinelib ")]
    assert examples
    for words in examples:
        assert line.parse_line(words).call


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from spinelib.command import line; line.whole_parser().format_help();"
        "print([name for name in ('numpy', 'torch', 'pandas', 'yaml', 'shtab', 'filelock') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def failing(error):
    def call(_given):
        raise error

    return call


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (BadInput("films", "is empty", "Fill it."), 2, "error: films: is empty. Fill it.\n"),
        (OSError(28, "No space left on device"), 2, "error: No space left on device\n"),
        (PermissionError(13, "Permission denied", "a"), 2, "error: a: Permission denied.\n"),
        (
            OSError(28, "No space left on device", "read.png", None, "written.png"),
            2,
            f"error: written.png: No space left on device. {REMEDY}\n",
        ),
        (KeyboardInterrupt(), 130, "stopped; the same command goes on where it was\n"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_status(error, status, words, monkeypatch, capsys):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(weights, "_list", failing(error))
    assert line.main(["weights", "list"]) == status
    said = capsys.readouterr()
    assert said.err == words
    assert not said.out


TWICE = """
import atexit, signal, sys, time
from spinelib.command import line, weights
# Whatever started the tests may ignore it, and this process would have that from it.
signal.signal(signal.SIGINT, signal.default_int_handler)
atexit.register(time.sleep, 1)
weights._list = lambda given: print("begun", flush=True) or time.sleep(60)
sys.exit(line.main(["weights", "list"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to all that a terminal has started")
def test_a_second_ctrl_c_while_a_command_ends_says_nothing_more():
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", TWICE], **how) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == "stopped; the same command goes on where it was\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read() == ""


def test_a_fault_of_the_code_is_not_taken_for_one_of_the_input(monkeypatch):
    monkeypatch.setattr(weights, "_list", failing(KeyError("x")))
    with pytest.raises(KeyError):
        line.main(["weights", "list"])


def test_whoever_reads_no_further_gets_no_traceback():
    words = [sys.executable, "-m", "spinelib", "study", "list"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_names_that_the_terminal_cannot_write_are_printed_all_the_same(tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.yaml").write_text("title: 脊柱\n", encoding="utf-8")
    words = [sys.executable, "-m", "spinelib", "study", "list"]
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(spinelib.__path__[0]).rpartition("spinelib")[0]}
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "mine         \\u810a\\u67f1" in done.stdout


def test_words_behind_two_dashes_go_to_snakemake_or_are_names():
    given = line.parse_line(["study", "run", "quick", "--cores", "3", "--", "--dry-run", "-n"])
    assert (given.study, given.cores, given.more) == ("quick", 3, ["--dry-run", "-n"])
    given = line.parse_line(["read", "--", "-films", "out"])
    assert (given.films.lstrip("./\\"), given.out) == ("-films", "out")


@pytest.mark.parametrize(
    "order", [["--network", "mr", "in", "out"], ["in", "--network", "mr", "out"], ["in", "out", "--network", "mr"]]
)
def test_options_may_stand_before_between_and_behind_names(order):
    given = line.parse_line(["read", *order])
    assert (given.films, given.out, given.network) == ("in", "out", "mr")


def test_the_version_is_that_of_the_library(capsys):
    with pytest.raises(SystemExit):
        line.main(["--version"])
    assert capsys.readouterr().out == f"spinelib {spinelib.__version__}\n"


def test_python_takes_the_library_as_a_program():
    done = subprocess.run([sys.executable, "-m", "spinelib", "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
