"""`python -m spinelib.statistics [--repetitions 20000] [--seed 0] [--into FOLDER]`: the calibration, as text."""

from __future__ import annotations

import argparse
from pathlib import Path

from spinelib.core.files import write_text
from spinelib.statistics import calibration
from spinelib.statistics.wrong_analysis_rates import wrong_analyses


def main() -> None:
    """Print rejections, coverage, their verdicts, the ranking of the intervals and the wrong analyses."""
    parser = argparse.ArgumentParser(prog="python -m spinelib.statistics", description=main.__doc__)
    parser.add_argument("--repetitions", type=int, default=calibration.REPETITIONS)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(calibration.SIZES), help="numbers of patients")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--into", type=Path, help="folder that takes calibration.csv and wrong.csv")
    given = parser.parse_args()
    table = calibration.calibrate(given.sizes, repetitions=given.repetitions, seed=given.seed)
    judged = calibration.with_verdicts(table)
    for kind, words in (("rejection", "rejected at 5 %"), ("coverage", "95 % intervals that hold the truth")):
        print(f"{words}, per cent ± one Monte Carlo error\n{calibration.wide(table, kind).to_string()}\n")
    off = judged[judged["verdict"] != "holds"]
    print(f"outside ± 0.5 points\n{off[['shape', 'tool', 'n', 'value', 'error', 'verdict']].to_string(index=False)}\n")
    print(f"intervals, best first\n{calibration.ranking(table).round(4).to_string(index=False)}\n")
    wrong = wrong_analyses(given.sizes, given.repetitions, given.seed)
    for name, rows in (("calibration.csv", judged), ("wrong.csv", wrong)) if given.into else ():
        write_text(given.into / name, rows.to_csv(index=False, float_format="%.6g"))
    shares = wrong.assign(percent=(100 * wrong["rejection"]).round(1), error=(100 * wrong["error"]).round(2))
    print(f"wrong and right analyses, rejected at 5 %\n{shares.drop(columns='rejection').to_string(index=False)}")


if __name__ == "__main__":
    main()
