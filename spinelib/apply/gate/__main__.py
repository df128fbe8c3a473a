"""``python -m spinelib.apply.gate NETWORK [--real FOLDER]``: make the gate of a network, and try it."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput


def main(words: list[str] | None = None) -> int:
    """Gives 0, or 2 for a folder or a network with which nothing can be done."""
    parser = OneLineParser(prog="python -m spinelib.apply.gate", description=__doc__)
    parser.add_argument("network", help="film, lateral, mr, or a folder with the weights of a network as these")
    parser.add_argument("--real", help="folder of real data, with one folder for each data set (SPINE_DATA)")
    parser.add_argument("--out", help="folder for tables and figures (default: gate, within the network's folder)")
    parser.add_argument("--share", type=float, default=1.0, help="how much is made, 1: all")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    given = parser.parse_args(words)
    from spinelib.apply.gate.whole import make_and_try
    from spinelib.prediction.predictor import Predictor
    from spinelib.prediction.released import find_weights

    try:
        predictor = Predictor.from_folder(find_weights(given.network), given.device)
        out = Path(given.out) if given.out else predictor.folder / "gate"
        real = Path(given.real) if given.real else None
        print(make_and_try(predictor, out, given.share, real))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
