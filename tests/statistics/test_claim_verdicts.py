"""The words of a verdict on a claim stand in one place."""

import ast
from pathlib import Path

import spinelib
from spinelib.literature.counting import UNTESTED
from spinelib.statistics import claim_verdicts
from spinelib.statistics.claim_verdicts import CLAIM_VERDICTS
from spinelib.statistics.contrast_verdicts import ONE_TRAINING

PACKAGE = Path(spinelib.__file__).parent


def texts(path):
    return {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}


def test_no_other_module_spells_a_verdict():
    own = set(CLAIM_VERDICTS) - {UNTESTED, ONE_TRAINING}
    spelled = {path for path in PACKAGE.rglob("*.py") if own & texts(path)}
    assert spelled == {Path(claim_verdicts.__file__)}
    assert sum(UNTESTED in texts(path) for path in PACKAGE.rglob("*.py")) == 1
    assert sum(ONE_TRAINING in texts(path) for path in PACKAGE.rglob("*.py")) == 1


def test_every_verdict_has_one_word():
    assert len(set(CLAIM_VERDICTS)) == len(CLAIM_VERDICTS) == 8
