"""A study's folder as its runs leave it, written by hand: every kind of output, a failed run, a run of other code."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

WIDE = "<table border=1 class=dataframe><thead><tr>" + "".join(f"<th>column {i}</th>" for i in range(30))
WIDE += "</tr></thead><tbody><tr>" + "<td>0.123</td>" * 30 + "</tr></tbody></table>"
RECORD = {
    "status": "finished",
    "parameters": {"method": "unet", "seed": 1},
    "facts": {"params": 1234567},
    "started": "2026-01-02T03:04:05+00:00",
    "seconds": 200.4,
    "code": "aaaa",
    "commit": "0123456789ab",
    "dirty": False,
    "threads": 1,
    "peak_memory_mb": 812.3,
    "hardware": {"cpu": "A processor", "cores": 2, "gpu": ""},
    "versions": {"python": "3.12", "numpy": "2.4"},
}


def png(width=1800, height=300):
    """Specks of forty colours, as a base64 PNG of three channels."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (40, 3), np.uint8)[rng.integers(0, 40, (height, width))]
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def save_png(path: Path):
    path.write_bytes(base64.b64decode(png(9, 9)))


def cells():
    """A notebook that shows all that a page must cope with."""
    figure = new_output("display_data", {"image/png": png(), "text/plain": "x"})
    figure.metadata = {"image/png": {"width": 1200, "alt": "Two lines that cross."}}
    evil = '<script src="https://example.org/x.js"></script><b>never</b>'
    parameters = '# parameters\nmethod = "fcn8s"  # which network\nseed = 1\n'
    return [
        new_markdown_cell("# How well does <b>it</b> do?\n\nWith $\\frac{a}{b}$ and [a link](https://example.org)."),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}, execution_count=1),
        new_markdown_cell("## Loss\n\n$$L = \\sum_i x_i$$\n\n![away](https://example.org/a.png)"),
        new_code_cell("x = 1  # one\nx", execution_count=2, outputs=[figure]),
        new_markdown_cell("### Loss\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n$\\nonsense{$"),
        new_code_cell("table", execution_count=3, outputs=[new_output("execute_result", {"text/html": WIDE})]),
        new_code_cell(
            "print(1)",
            execution_count=4,
            outputs=[
                new_output("stream", name="stdout", text="0 %\r50 %\r100 %\n" + "word" * 100 + "\n"),
                new_output("stream", name="stdout", text="\n".join(f"line {i}" for i in range(99))),
                new_output("stream", name="stderr", text="\x1b[31mcareful\x1b[0m\n"),
            ],
        ),
        new_code_cell(
            "show()",
            execution_count=5,
            outputs=[new_output("display_data", {"text/html": evil, "text/plain": "plain"})],
        ),
    ]


def failing():
    trace = [
        "\x1b[0;31m-----\x1b[0m",
        "ValueError  Traceback",
        "----> 1 \x1b[0;32mraise\x1b[0m ValueError('<no films>')",
    ]
    error = new_output("error", ename="ValueError", evalue="<no films>", traceback=trace)
    return [*cells()[:2], new_code_cell("raise ValueError('<no films>')", execution_count=2, outputs=[error])]


def write(folder: Path, made, **files):
    folder.mkdir(parents=True)
    nbformat.write(new_notebook(cells=made), folder / "notebook.ipynb")
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))


def write_study(root: Path) -> Path:
    """``reports/sample`` under `root`, without its pages; gives its path."""
    folder = root / "reports" / "sample"
    write(folder / "runs" / "p-unet-full-s0-f0", cells(), run=RECORD)
    write(folder / "runs" / "p-unet-full-s1-f0", cells(), run=RECORD | {"code": "bbbb"})
    write(folder / "runs" / "p-fcn8s-full-s0-f0", cells(), run=RECORD)
    failure = {"status": "failed", "error": "ValueError: <no films>", "seconds": 3.2, "code": "aaaa", "parameters": {}}
    write(folder / "runs" / "p-plunet-full-s0-f0", failing(), failure=failure)
    killed = failure | {"status": "killed", "error": "The kernel was killed (out of memory?)"}
    write(folder / "runs" / "p-safnet-full-s0-f0", cells()[:2], failure=killed)
    write(folder / "questions" / "90_compare", cells(), run=RECORD)
    figures = folder / "questions" / "90_compare" / "figures"
    figures.mkdir()
    (figures / "dice.png").write_bytes(base64.b64decode(png()))
    (figures / "captions.json").write_text(json.dumps({"dice": "Mean Dice by method."}))
    names = [path.name for path in sorted((folder / "runs").iterdir())]
    facts = {
        "name": "sample",
        "title": "A sample",
        "question": "Which is best?",
        "banner": "demonstration budget",
        "linked": True,
        "data": {"phantom": "dataset phantom, patients 2", "films": "dataset folder"},
        "runs": [{"id": name} for name in [*names, "p-unet-full-s2-f0"]],
        "questions": [{"id": "90_compare"}],
    }
    (folder / "study.json").write_text(json.dumps(facts))
    (folder / "data" / "phantom").mkdir(parents=True)
    (folder / "data" / "phantom" / "manifest.csv").write_text("case\na\nb\n")
    (folder / "data" / "films").mkdir()
    (folder / "data" / "films" / "console.txt").write_text("Traceback\nerror: films: is not a folder.\n")
    (folder / "summary.csv").write_text(SUMMARY)
    return folder


SUMMARY = """\
dataset,trained_on,method,variant,recipe,width,split,view,condition,severity,near_duplicate,structure,metric,mean,low,high,n,missing,unit
p,p,unet,full,common,1.0,test,all,none,0,all,spine,dice,0.8,0.75,0.85,12,0,1
p,p,unet,full,common,1.0,test,coronal,none,0,all,spine,dice,0.1,0.1,0.1,12,0,1
p,p,unet,full,common,1.0,test,all,none,0,excluded,spine,dice,0.2,0.2,0.2,12,0,1
p,p,unet,full,common,1.0,test,all,blur,3,all,spine,dice,0.3,0.3,0.3,12,0,1
p,p,fcn8s,full,common,1.0,test,all,none,0,all,spine,dice,0.9,0.85,0.95,12,0,1
p,p,fcn8s,full,common,1.0,test,all,none,0,all,spine,hd95,9.0,8,10,12,0,px
p,p,fcn8s,full,common,1.0,test,all,none,0,all,spine,hd95,4.0,3,5,12,0,%
p,p,unet,full,common,1.0,test,all,none,0,all,spine,hd95,3.0,2,4,12,0,%
p,p,pspnet,full,common,1.0,test,all,none,0,all,spine,dice,,,,0,12,1
p,p,unet,full,common,1.0,test,all,none,0,all,spine,dice_pooled,0.99,,,1,0,1
p,p,unet,full,published,1.0,test,coronal,none,0,all,spine,dice,0.7,0.6,0.8,12,0,1
p,p,unet,full,published,1.0,test,all,none,0,all,spine,dice_pooled,0.98,,,1,0,1
"""
