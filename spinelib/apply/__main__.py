"""``python -m spinelib.apply RUN SOURCE OUT``: outline a folder of films or volumes with a finished run."""

from __future__ import annotations

import argparse
import sys

from spinelib.core.errors import BadInput


def main(words: list[str] | None = None) -> int:
    """Gives 0, 1 when some film could not be used, 2 for input with which nothing can be done, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m spinelib.apply", description=__doc__)
    parser.add_argument("run", help="folder of a finished run, reports/STUDY/runs/RUN")
    parser.add_argument("source", help="folder of films or volumes, or one of them")
    parser.add_argument("out", help="folder for masks, overlays and tables; the same again goes on where it stopped")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    words_patients = "write a digest in place of the header's PatientID, and no accession number"
    parser.add_argument("--hash-patients", action="store_true", help=words_patients)
    given = parser.parse_args(words)
    from spinelib.apply.loop import PAGE, apply_run

    try:
        applied = apply_run(given.run, given.source, given.out, device=given.device, hash_patients=given.hash_patients)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on where it was", file=sys.stderr)
        return 130
    for row in applied.results[applied.results["status"] == "failed"].to_dict("records"):
        print(f"not usable: {row['file']}: {row['reason']}. {row['remedy']}")
    print(f"{applied}. Open {applied.folder / PAGE}")
    return 1 if applied.failed else 0


if __name__ == "__main__":
    sys.exit(main())
