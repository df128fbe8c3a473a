"""Rows of a case table of one run on six patients."""


def case_rows(method, trained_on, value, near=(), views=("coronal",)):
    about = {
        "study": "s",
        "run": f"{trained_on}-{method}",
        "dataset": "real",
        "trained_on": trained_on,
        "method": method,
    }
    about |= {"variant": "full", "recipe": "common", "width": 1.0, "seed": 0, "fold": 0, "split": "test"}
    rows = []
    for i in range(6):
        for view in views:
            film = {"case": f"c{i}{view}", "patient": f"p{i}", "view": view, "condition": "none", "severity": 0}
            film |= {"near_duplicate": "other" if i in near else "", "structure": "spine", "status": "ok"}
            for metric, unit, number in (("dice", "1", value + i / 100), ("hd95", "%", 5.0), ("nsd", "1", 0.5)):
                rows.append({**about, **film, "metric": metric, "unit": unit, "value": number})
    return rows
