"""A study with a question and two runs, whose figures and tables may or may not be published."""

import base64
import io
import json
import shutil

import matplotlib
import nbformat
import numpy as np
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from spinelib.report.page import write_page
from spinelib.runs.figures import save_figure
from tests.report.sample import SUMMARY

matplotlib.use("agg")


SOURCE = "/somewhere/films"


MADE = {"phantom": "dataset phantom, patients 2"}


FOREIGN = {"films": f"dataset aasce, source {SOURCE}, grid [1, 2]", **MADE}


def drawn(image=False, size=(3, 2), seed=0):
    figure = Figure(figsize=size)
    ax = figure.subplots()
    ax.plot([0, 1], [0, seed], label="line")
    ax.legend()
    if image:
        ax.imshow(np.random.default_rng(seed).random((150, 100, 3)))
    return figure


def shown(png, caption):
    encoded = base64.b64encode(png).decode()
    return new_output("display_data", {"image/png": encoded}, metadata={"image/png": {"width": 200, "alt": caption}})


def write_run(folder, figures, place):
    """A finished run with `figures` (name: figure, pixels); its notebook shows them and some pictures of its own."""
    folder.mkdir(parents=True)
    pngs = {n: save_figure(f, folder / "figures", n, f"What's {n}.", p) for n, (f, p) in figures.items()}
    outputs = [shown(png, f"What's {name}.") for name, png in pngs.items()]
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(9).integers(0, 255, (40, 60, 3), np.uint8)).save(buffer, "PNG")
    widget = base64.b64encode(buffer.getvalue()).decode()
    outputs += [shown(buffer.getvalue(), "")]
    html = (
        f'<b>t</b><img src="data:image/png;base64,{widget}"><svg><image href="data:image/png;base64,{widget}"/></svg>'
    )
    outputs += [new_output("display_data", {"text/html": html})]
    words = f"# About {folder.name}\n\n[away](https://example.org) [index](../../index.html) [gone](../../cases.csv)"
    trace = new_output("stream", name="stdout", text=f"from {SOURCE}/a.png and /home/somebody/b")
    cells = [new_markdown_cell(words), new_code_cell("show()", execution_count=1, outputs=[*outputs, trace])]
    nbformat.write(new_notebook(cells=cells), folder / "notebook.ipynb")
    record = {
        "status": "finished",
        "parameters": {"out": f"../reports/s/{place}", "seed": 3, "width": 0.25, "epochs": 9},
        "facts": {"training": {"steps": 126, "seconds": 65.0}},
        "answer": ["It depends."],
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.0,
        "threads": 1,
        "code": "aaaa",
        "commit": "0123abcd4567",
        "dirty": False,
        "hardware": {"cpu": "A processor", "cores": 2, "memory_gib": 8.0, "gpu": ""},
        "versions": {"python": "3.11"},
    }
    (folder / "run.json").write_text(json.dumps(record))
    write_page(folder)


def write_study(root, data):
    """``reports/s`` under `root` with a question, two runs that differ in seed, and their tables."""
    folder = root / "reports" / "s"
    folder.mkdir(parents=True)
    runs = ["p-unet-full-s0-f0", "p-unet-full-s1-f0"]
    facts = {"name": "s", "title": "A study", "question": "", "banner": "demonstration budget", "linked": True}
    facts |= {"data": data, "runs": [{"id": name} for name in runs], "questions": [{"id": "90_q"}]}
    (folder / "study.json").write_text(json.dumps(facts))
    figures = {"line": (drawn(), None), "overlay": (drawn(True), None), "map": (drawn(True, seed=1), False)}
    write_run(folder / "questions" / "90_q", figures, "questions/90_q")
    for k, name in enumerate(runs):
        write_run(folder / "runs" / name, {"overlay": (drawn(True, seed=2 + k), None)}, f"runs/{name}")
        (folder / "runs" / name / "history.csv").write_text(f"epoch,loss\n1,0.1234567890{k}\n")
        (folder / "runs" / name / "model.safetensors").write_bytes(b"0" * 99)
    (folder / "summary.csv").write_text(SUMMARY)
    (folder / "cases.csv").write_text("case\na\n")
    (folder / "questions" / "90_q" / "summary.csv").write_text(SUMMARY)
    (folder / "questions" / "90_q" / "means.csv").write_text("name,mean\nfilm 1.123456789 b,0.123456789012\n")
    (folder / "questions" / "90_q" / "each.csv").write_text("case,value\na,1\n")
    return folder


def copied(study, root, **facts):
    """The study under another root, with other facts."""
    folder = root / "reports" / "s"
    shutil.copytree(study, folder)
    known = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(known | facts))
    return folder


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def pictures(folder):
    return sorted(name for name in files(folder) if name.endswith((".png", ".webp")))
