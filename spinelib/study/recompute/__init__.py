"""What of an earlier publication the rules of today can still judge, and a mark on all that stands as it was made.

``python -m spinelib.study.recompute reports/published/STUDY`` needs the published folder alone. Published are means
with their intervals, not the table of every case, so that no notebook of a question can run again on it. What its own
tables hold is judged anew: contrasts, parts, claims and orders of single trainings lose their verdicts, and boards of
Cobb angles are computed again from published angles. Everything else keeps its numbers, and says so.
"""
