"""A publication as earlier code left it: one training a side, verdicts from the patients alone."""

import json

import numpy as np
import pandas as pd

from spinelib.questions.cobb.angles import COLUMNS
from spinelib.questions.cobb.guess import with_errors

PAGE = """<title>{title}</title>
<main class="frame">
<p class="crumbs">A study</p>
<h1>{title}</h1>
<figure><img src="figures/{figure}.png" alt="" width="9"><figcaption>Bars &amp; words.</figcaption></figure>
<p>R2-Jump pays</p>
"""
INDEX = """<main class="frame">
<p class="crumbs">Study s</p>
<section class="card" id="published">
<p><strong>Published results</strong>, kept as they were made. Tables are rounded.</p>
<ul class="facts">
<li><span>budget</span>9 trainings</li>
</ul>
</section>
<ul class="facts">
</ul>
<h2 id="data">Data</h2>
<div class="scroll"><table>
<tr><td>d</td><td class="number">1\u202f480</td><td class="number">2</td><td>dataset aasce</td></tr></table></div>
"""
CODE = {"started": "2026-01-02T03:04:05+00:00", "code": "a", "commit": "0123abc", "dirty": False, "seconds": 1.0}
PAIR = {"one": "r2mfnet/full", "other": "r2mfnet/no_r2jump", "mean": 0.018, "low": 0.013, "high": 0.023}
TEST = PAIR | {"n": 48, "p_t": 1e-9, "holm_t": 1e-8}
PART = PAIR | {"dataset": "d", "method": "r2mfnet", "trained_on": "d", "recipe": "common", "width": 0.25}
PART |= {"structure": "spine", "metric": "dice", "unit": "1", "view": "", "part": "R2-Jump", "named": True, "effect": 1}
PART |= {"n": 48, "seeds": 1, "p": 1e-9, "p_holm": 1e-8, "published": float("nan"), "verdict": "pays"}
PART |= {"sentence": "R2-Jump pays."}
# As today's ledger asks it.
CLAIM = PAIR | {
    "id": "r2mf-part-no_r2jump",
    "paper": "P 2025",
    "statement": "S",
    "source": "T",
    "rule": "difference",
    "metric": "dice",
}
CLAIM |= {
    "structure": "spine",
    "unit": "1",
    "published": 0.03,
    "dataset": "d",
    "n": 48,
    "seeds": 1,
    "p": 1e-9,
    "p_holm": 1e-8,
    "size": "as published",
}
CLAIM |= {"confidence": 0.95, "finding": "supported", "verdict": "agrees here"}
COST = CLAIM | {
    "id": "mdwc-time-unet",
    "rule": "cost",
    "metric": "train_seconds",
    "unit": "%",
    "structure": "",
    "one": "mdwcnet/full",
    "other": "unet/full",
    "needs": "the paper's channels",
    "published": np.nan,
}
ORDER = {"one": "d", "other": "e", "methods": 10, "tau": 0.5, "low": 0.4, "high": 0.6, "reading": "the order holds"}
MEAN = {"dataset": "d", "trained_on": "d", "method": "r2mfnet", "variant": "full", "recipe": "common", "width": 0.25}
MEAN |= {"split": "test", "condition": "none", "severity": 0, "near_duplicate": "all", "structure": "spine"}
MEAN |= {"metric": "dice", "mean": 0.7, "low": 0.6, "high": 0.8, "n": 48, "missing": 0, "unit": "1", "cases": 48}
TABLES = {
    "summary.csv": [MEAN | {"view": "coronal"}, MEAN | {"view": "left_bending"}, MEAN | {"view": "all", "cases": 96}],
    "runs.csv": [{"run": "d-r2mfnet-full-s0-f0", "seed": 0}],
    "questions/60_significance/tests_d.csv": [TEST],
    "questions/35_ablation/parts.csv": [PART],
    "questions/70_claims/verdicts.csv": [CLAIM, COST],
    "questions/50_generalisation/agreement.csv": [ORDER],
}
QUESTIONS = {
    "60_significance": "1 survives Holm.",
    "35_ablation": "R2-Jump pays.",
    "70_claims": "agrees here 2.",
    "50_generalisation": "d and e: the order holds",
    "90_compare": "d: R2MF-Net has the best mean, 48 patients; intervals of 3 of 4 others overlap with its own.",
}


def write_earlier(folder):
    """Write the publication and give its folder."""
    records = {f"questions/{name}": CODE | {"answer": [words]} for name, words in QUESTIONS.items()}
    records["questions/35_ablation"]["facts"] = {"compared": 1, "verdicts": {"pays": 1}}
    records["runs/d-r2mfnet-full-s0-f0"] = CODE | {"facts": {"precision": "bfloat16+channels_last"}}
    records["runs/d-unet-full-s0-f0"] = CODE | {"facts": {"precision": "float32"}, "dirty": True}
    facts = {"name": "s", "title": "A study", "question": "", "banner": "", "linked": True}
    facts |= {"data": {"d": "dataset aasce, source $DATA"}, "questions": [{"id": name} for name in QUESTIONS]}
    facts |= {"runs": [{"id": "d-r2mfnet-full-s0-f0"}, {"id": "d-unet-full-s0-f0"}]}
    texts = {"index.html": INDEX, "study.json": json.dumps(facts), "runs.json": json.dumps(records)}
    texts |= {place: pd.DataFrame(rows).to_csv(index=False) for place, rows in TABLES.items()}
    for name in QUESTIONS:
        figure = "tally" if name == "70_claims" else "other"
        texts[f"questions/{name}/report.html"] = PAGE.format(title=f"Question {name}", figure=figure)
        texts[f"questions/{name}/figures/{figure}.png"] = f"picture of {name}"
    for place, text in texts.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text)
    return folder


def film_rows(name, off, films=6):
    """Angles of films that an entry reads, each `off` degrees too large."""
    truth = np.linspace(20, 45, films)
    rows = pd.DataFrame({"case": [f"c{k}" for k in range(films)], "patient": [f"p{k}" for k in range(films)]})
    rows = rows.assign(dataset="d", name=name, run=f"run {name}", route="mask", view="coronal", near_duplicate="")
    rows = rows.assign(**{f"true_an{k}": truth for k in (1, 2, 3)}, **{f"an{k}": truth + off for k in (1, 2, 3)})
    rows = with_errors(rows).assign(vertebrae=17, upper=1, lower=5, read_from="ends", confidence=1.0, status="ok")
    return rows.assign(reason="")[list(COLUMNS)]
