"""Pages written by hand state no result: what was measured stands in the published tables and is filled in from there.

The rule is as simple as a reader would check it: in README.md, in every page of docs/ that no command writes, and in
the words of the templates and modules that write docs/results, there is no decimal, no percentage and no bracketed
interval, but for the phrases of NO_RESULT. Code, in blocks or within a line, and the targets of links are not prose and
do not count. The pages of docs/results hold numbers alone that the published tables give:
tests/report/results/test_pages.py writes them anew.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"\d*\.\d+|\d+(?:\.\d+)?\s?(?:%|per cent|percent)|\[\s*[-+\u2212]?\d[^\]\n]*[,;][^\]\n]*\]")
NOT_PROSE = re.compile(
    r"```.*?```|~~~.*?~~~|(?<=\n\n)(?: {4}\S.*?\n+)(?: {4}[^\n]*\n+)*|`[^`\n]*`|\]\([^)\s]*\)|<!--.*?-->|\{\{.*?\}\}|\{%.*?%\}|https?://\S+",
    re.DOTALL,
)
# Numbers that are no results, each with the reason; whole phrases, so that the same number elsewhere is refused.
NO_RESULT = {
    r"Python 3\.\d+(?:(?:,| to| or| and) 3\.\d+)*": "versions of Python that the code runs on",
    r"\bv?\d+\.\d+\.\d+\b": "versions of programs",
    r"\[\d+\.\d+\.\d+\]": "versions as headings",
    r"arXiv:? ?\d{4}\.\d{5}": "numbers of papers",
    r"\b95 % (?:interval|confidence)s?": "level of the intervals, a rule of the protocol",
    r"\b5 % level": "level of the tests, a rule of the protocol",
    r"reject 5 % of them": "what a test at that level promises",
    r"should hold zero in 95 %": "what an interval at that level promises",
}


def prose(text):
    """Text without code, link targets, template expressions, tables of commands and phrases that are no results."""
    text = NOT_PROSE.sub(" ", re.sub(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", " ", text, flags=re.DOTALL))
    for phrase in NO_RESULT:
        text = re.sub(phrase, " ", re.sub(r"\s+", " ", text))
    return text


def results(text):
    return NUMBER.findall(prose(text))


def by_hand():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in pages if ROOT / "docs" / "results" not in path.parents]


def words_of_code(path):
    """The strings of a module but its docstrings, which explain formats by examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [
        n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in bare
    ]
    formats = {
        id(part) for n in ast.walk(tree) if isinstance(n, ast.FormattedValue) and n.format_spec for part in ast.walk(n)
    }
    return "\n;\n".join(n.value for n in found if id(n) not in formats)


@pytest.mark.parametrize("path", by_hand(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_written_by_hand_states_no_result(path):
    assert not results(path.read_text(encoding="utf-8")), "fill it in from a table (docs/results) or say it without"


def test_what_writes_the_results_types_no_number():
    folder = ROOT / "spinelib" / "report" / "results"
    templates, modules = sorted(folder.glob("templates/*.j2")), sorted(folder.glob("*.py"))
    assert templates
    assert modules
    typed = {path.name: results(path.read_text(encoding="utf-8")) for path in templates}
    typed |= {path.name: results(words_of_code(path)) for path in modules}
    assert not {name: found for name, found in typed.items() if found}


@pytest.mark.parametrize(
    "sentence",
    [
        *("U-Net reaches 0.787.", "a Dice of .79", "it loses 24 % of it", "better by 7 per cent", "from 4.8 to 5.1"),
        *("0 [-1, 3] points", "95 % of the films", "`code` and 0.5 beside", "so:\n\n    lr = 1\n\nand 0.5"),
    ],
)
def test_a_result_is_seen(sentence):
    assert results(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        *("Python 3.11, 3.12 or 3.13", "8 GB of disk", "films of 256 x 128", "arXiv 2512.07576", "with 95 % intervals"),
        *(
            "`width: 0.25`",
            "```\nlr = 0.003\n```",
            "so:\n\n    lr = 0.003\n\n    x = 0.5\n",
            "[page](docs/v1.5.md)",
            "version 0.2.0",
            "28 trainings",
        ),
    ],
)
def test_what_is_no_result_may_stand(sentence):
    assert not results(sentence)
