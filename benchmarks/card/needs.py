"""What the parts need: a card that torch can use, and packages; and what machine they found.

``python -m benchmarks.card.needs`` prints the packages to carry, with their versions.
"""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.common import DRY_CARD, commit
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.runs import gpu
from spinelib.runs.machine import hardware, versions

MACHINE = "machine.json"
# Packages that a machine made for cards has, and those that it has not: `make gpu-wheels` fetches these.
WHEELS = Path(__file__).with_name("wheels.txt")
LOCK = Path(__file__).parents[2] / "requirements.lock"
REHEARSE = "'make gpu MORE=--dry' rehearses every part on a processor."


def wheels() -> list[str]:
    """Names of the packages to carry to a machine without a network."""
    lines = WHEELS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pinned() -> list[str]:
    """The same with their versions. Raises BadInput for one that the lock does not have."""
    text = LOCK.read_text(encoding="utf-8")
    found = {name: re.search(rf"^{re.escape(name)}(?:\[[^]]*\])?==(\S+)", text, re.MULTILINE) for name in wheels()}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        raise BadInput(WHEELS, f"names what {LOCK.name} has not: {', '.join(missing)}", "Correct the list.")
    return [f"{name}=={version[1]}" for name, version in found.items() if version]


def check_packages() -> None:
    """Raise BadInput where a package of the list cannot be found, naming all such."""
    missing = [name for name in wheels() if not _found(name)]
    if missing:
        remedy = "Where there is a network, 'make gpu-wheels' fetches them into .wheels; carry that folder here."
        raise BadInput("packages", f"{', '.join(missing)} not installed", remedy)


def _found(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def card_machine() -> dict[str, Any]:
    """The machine with the name of its card. Raises BadInput where there is none, or none that torch can use."""
    import torch

    if not torch.cuda.is_available():
        listed = f"torch {torch.__version__} cannot use it" if gpu.cards() else "there is none on this machine"
        raise BadInput("graphics card", listed, REHEARSE)
    facts = torch.cuda.get_device_properties(0)
    card = {"name": facts.name, "memory_gib": round(facts.total_memory / 2**30, 1), "cuda": torch.version.cuda}
    return {"dry": False, "card": card, **_around()}


def dry_machine() -> dict[str, Any]:
    """The machine of a dry run."""
    return {"dry": True, "card": {"name": DRY_CARD}, **_around()}


def _around() -> dict[str, Any]:
    return {"commit": commit(), "hardware": hardware(), "versions": versions()}


def write_machine(machine: dict[str, Any], into: Path) -> None:
    """Write MACHINE to the folder."""
    write_text(into / MACHINE, json.dumps(machine, indent=1) + "\n")


def read_machine(folder: Path) -> dict[str, Any]:
    """What `write_machine` wrote. Raises BadInput where there is nothing."""
    try:
        found: dict[str, Any] = json.loads((folder / MACHINE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(folder / MACHINE, "is missing or damaged", "Run 'make gpu' on a machine with a card.") from error
    return found


def slug(name: str) -> str:
    """The name of a card for a file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


if __name__ == "__main__":
    print(*pinned())
