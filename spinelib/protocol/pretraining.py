"""Start a training from the weights of an earlier one, for any method."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import WEIGHTS, RunFolder
from spinelib.models import NETWORKS
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED, find_weights
from spinelib.protocol.config import RunConfig
from spinelib.runs import Run

if TYPE_CHECKING:
    from torch import nn


def start_from(run: Run, network: nn.Module) -> bool:
    """Load the weights that the run's parameter `pretrained` names into `network`; nothing where it is empty.

    `pretrained` is the folder of a finished run, a safetensors file or the name of a released network, which may have
    seen another grid; weights in half precision become those of the network. Every tensor has to fit, except that with
    the parameter `new_head` those that the number of classes decides keep their own start where the file's do not fit.
    The run's record gets the file, its hash and what was left out. Gives whether every tensor was loaded, so that the
    network knows each of its structures from an earlier training. Raises BadInput for a file that is missing or
    damaged, an unfinished run and the weights of another network.
    """
    config = RunConfig.of(run)
    given = config.pretrained
    if not given:
        return False
    from spinelib.core.weights import read_weights

    path = weights_file(given)
    found, own = read_weights(path), network.state_dict()
    unlike = [name for name in own if name not in found or found[name].shape != own[name].shape]
    unlike += [name for name in found if name not in own]
    head = last_layers(network) if unlike else set()
    left = [name for name in unlike if name in head] if config.new_head else []
    _check(path, [name for name in unlike if name not in left], head)
    network.load_state_dict({name: own[name] if name in left else found[name] for name in own})
    run.note(pretrained={"file": given, "digest": digest(path), "left_out": left})
    print(f"starts from the weights of {given}" + (f", without {', '.join(left)}" if left else ""))
    return not left


def weights_file(given: str) -> Path:
    """The safetensors file that a parameter `pretrained` means: of a released network, a finished run, or itself.

    Raises BadInput for the name of a released network that is not there, and for an unfinished run.
    """
    if given in RELEASED:
        return find_weights(given) / WEIGHTS
    path = Path(given).expanduser()
    if not path.is_dir():
        return path
    files = RunFolder(path)
    if not files.training.exists():
        raise BadInput(path, "holds no finished training", "Finish that run first, or name a safetensors file.")
    return files.weights


def last_layers(network: nn.Module) -> set[str]:
    """Names of the tensors of a network of the registry whose shapes its number of classes decides."""
    import torch

    built: dict[str, Any] = dict(network.built_as)  # type: ignore[arg-type]
    entry, more = NETWORKS[built.pop("method")], {"out_channels": built["out_channels"] + 1}
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        other = entry.build(**{**built, **more}).state_dict()
    return {name for name, value in network.state_dict().items() if other[name].shape != value.shape}


def _check(path: Path, unlike: list[str], head: set[str]) -> None:
    if not unlike:
        return
    remedy = _trained_as(path)
    if head.issuperset(unlike):
        remedy = "Set new_head to give the network new last layers."
    names = ", ".join(unlike[:3]) + (f" and {len(unlike) - 3} more" if len(unlike) > 3 else "")
    raise BadInput(path, f"holds the weights of another network: {names} do not fit", remedy)


def _trained_as(path: Path) -> str:
    """What to give a run whose network shall take these weights; by their card where one lies beside them."""
    try:
        card = Card.read(path.parent)
    except BadInput:
        return "Build the method, variant, width and channels that it was trained with."
    given = {"method": card.method, "variant": card.variant, "width": f"{card.width:g}", "local": card.local}
    given |= {"options": [f"{name}={value}" for name, value in card.options.items()]} if card.options else {}
    words = ", ".join(f"{name}: {str(value).lower()}" for name, value in given.items())
    return f"Give the run what they were trained with ({words}; structures: {', '.join(card.classes)})."
