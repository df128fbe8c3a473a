"""`python -m spinelib.statistics [--repetitions 20000] [--seed 0] [--into FOLDER]`: the calibration, as text."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from spinelib.core.command_line import OneLineParser
from spinelib.core.files import write_text
from spinelib.statistics import calibration, training_variance
from spinelib.statistics.whole_calibration import FEWEST_RANKS, RANKS_OF, calibrate_all
from spinelib.statistics.wrong_analysis_rates import wrong_analyses

PARTS = (
    ("rejection", "differences", "differences of mean 0, rejected at 5 %"),
    ("coverage", "differences", "95 % intervals of differences that hold the truth"),
    ("coverage", "means", "95 % intervals of means that hold the truth"),
    ("coverage", "ranks", "95 % intervals of ranks that hold the truth"),
    ("coverage", "tau", "95 % intervals of Kendall's tau that hold the truth"),
)


def main() -> None:
    """Print errors of tests, coverage of intervals of differences, means and ranks, what is off, wrong analyses."""
    parser = OneLineParser(prog="python -m spinelib.statistics", description=main.__doc__)
    parser.add_argument("--repetitions", type=int, default=calibration.REPETITIONS, help="ranks: a fiftieth")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(calibration.SIZES), help="numbers of patients")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--into", type=Path, help="folder that takes calibration.csv, wrong.csv and seconds.csv")
    given = parser.parse_args()
    started = time.process_time()
    judged = calibrate_all(given.sizes, given.repetitions, given.seed)
    wrong = wrong_analyses(given.sizes, given.repetitions, given.seed)
    seconds = time.process_time() - started
    for kind, of, words in PARTS:
        print(f"{words}, per cent ± one Monte Carlo error\n{calibration.wide(judged, kind, of).to_string()}\n")
    off = calibration.broken_promises(judged)
    columns = ["kind", "of", "shape", "tool", "n", "value", "error", "verdict"]
    print(f"in use, from {calibration.FEWEST} patients on, promise not kept\n{off[columns].to_string(index=False)}\n")
    for of in ("differences", "means"):
        print(f"intervals of {of}, best first\n{calibration.ranking(judged, of).round(4).to_string(index=False)}\n")
    shares = wrong.assign(percent=(100 * wrong["rejection"]).round(1), error=(100 * wrong["error"]).round(2))
    print(f"wrong and right analyses, rejected at 5 %\n{shares.drop(columns='rejection').to_string(index=False)}")
    drawn = max(FEWEST_RANKS, given.repetitions // RANKS_OF)
    for repeat in training_variance.REPEATS:
        parts = training_variance.parts_of(repeat)
        for trainings in (2, 3):
            old, new = training_variance.same_network(parts, repeat.n, trainings, drawn, given.seed)
            told = f"{repeat.network}, {repeat.metric}, {trainings} trainings a side: told apart from itself"
            print(f"{told} in {old:.1%} of {drawn} draws by the paired t-test, in {new:.1%} by the contrast in use")
    print(f"{seconds:.0f} core-seconds")
    spent = pd.DataFrame([{"repetitions": given.repetitions, "core_seconds": round(seconds)}])
    files = {"calibration": judged, "wrong": wrong, "seconds": spent} if given.into else {}
    for name, rows in files.items():
        write_text(given.into / f"{name}.csv", rows.to_csv(index=False, float_format="%.6g"))


if __name__ == "__main__":
    main()
