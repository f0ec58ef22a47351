"""`cutaway models`: the models on this computer."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cutaway.cli.group import EXIT_MISTAKE
from cutaway.cli.options import examples, json_option
from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.models.config import ModelConfig
    from cutaway.weights import Store


@dataclass(frozen=True)
class Listed:
    """A model as the list shows it.

    kept    "bundled", "store", or "hub" where Hugging Face's libraries keep it
    sha256  the checksum of its weights file; "" where nobody has calculated it
    """

    name: str
    kept: str
    n_layer: int
    n_head: int
    n_embd: int
    n_positions: int
    vocab_size: int
    parameters: int
    size_bytes: int
    sha256: str


@click.command(epilog=examples("cutaway models", "cutaway models --check",
                               "cutaway models --json"))
@click.option("--check", is_flag=True, help="Read every weights file of the store and compare it "
                                            "with its checksum.")
@json_option
@click.pass_context
def models(context: click.Context, *, check: bool, as_json: bool) -> None:
    """The models on this computer, with size, shape and checksum.

    The bundled ones come with Cutaway; the others are in the store, which CUTAWAY_HOME may name a
    folder for. Those that are kept by the hub were downloaded by Hugging Face's libraries, and open
    by their names as well. A damaged one is named after the others, and the exit status is 1.
    """
    from cutaway.cli.screen import print_json
    from cutaway.weights import Store

    store = Store()
    found_in_hub, not_opened = _cached()
    found = [*_bundled(), *_stored(store), *found_in_hub]
    damaged = _damaged(store, check)
    if as_json:
        print_json({"store": str(store.folder), "models": [asdict(one) for one in found],
                    "damaged": [{"name": name, "problem": problem}
                                for name, problem in damaged.items()]})
    else:
        _draw(found, str(store.folder), not_opened)
    for problem in damaged.values():
        say(f"cutaway: {problem}", err=True)
    if damaged:
        context.exit(EXIT_MISTAKE)


def _damaged(store: "Store", check: bool) -> dict[str, str]:
    """What is wrong with each damaged model.  check: whether the weights are read as well"""
    from cutaway.errors import CorruptFile

    problems = {name: str(error) for name, error in store.damaged().items()}
    for model in store.models() if check else ():
        try:
            store.check(model.name)
        except CorruptFile as error:
            problems[model.name] = str(error)
    return problems


def _bundled() -> list[Listed]:
    """The models that come with Cutaway."""
    import hashlib

    from cutaway.weights import bundled_names, find_model

    found = []
    for name in bundled_names():
        model = find_model(name)
        content = model.weights.file.read_bytes()
        found.append(Listed(name, "bundled", *_shape(model.config), model.weights.count,
                            len(content), hashlib.sha256(content).hexdigest()))
    return found


def _stored(store: "Store") -> list[Listed]:
    return [Listed(one.name, "store", *_shape(one.config), one.parameters, one.size_bytes,
                   one.sha256) for one in store.models()]


def _cached() -> tuple[list[Listed], list[str]]:
    """The models in the Hugging Face cache, and the names of those that cannot be opened."""
    from cutaway.errors import CutawayError
    from cutaway.weights.places import cached_models

    found, others = [], []
    for one in cached_models():
        try:
            found.append(_listed(one.name, one.snapshot))
        except (CutawayError, OSError, ValueError, RecursionError):
            others.append(one.name)
    return found, others


def _listed(name: str, snapshot: Path) -> Listed:
    """A model of the cache, by its config.json: nothing of its weights is read.

    Raises:  ConfigError, UnknownModel, OSError
    """
    from cutaway.weights.config_files import find_architecture, read_config
    from cutaway.weights.mapping import Weights
    from cutaway.weights.open import find_weights_file

    kind = find_architecture(snapshot)
    config = read_config(snapshot, Weights.from_arrays({}, snapshot, kind))
    file = find_weights_file(snapshot)
    if file is None:
        raise FileNotFoundError(name)
    blob = file.resolve().name  # the cache calls large files by their SHA-256
    return Listed(name, "hub", *_shape(config), kind.count(config), _size_with_shards(file),
                  blob if len(blob) == 64 else "")


def _size_with_shards(file: Path) -> int:
    """The bytes of a weights file, or of all those that a list of shards names."""
    from cutaway.reading import json_of

    if not file.name.endswith(".index.json"):
        return file.stat().st_size
    listed = json_of(file)
    shards = listed.get("weight_map") if isinstance(listed, dict) else None
    if not isinstance(shards, dict):
        raise FileNotFoundError(f"{file} lists no shards")
    names = {Path(str(name)).name for name in shards.values()}  # none leads out of the folder
    return sum((file.parent / name).stat().st_size for name in names)


def _shape(config: "ModelConfig") -> tuple[int, int, int, int, int]:
    return config.n_layer, config.n_head, config.n_embd, config.n_positions, config.vocab_size


def _draw(found: list[Listed], folder: str, not_opened: list[str]) -> None:
    from cutaway.cli.screen import open_screen

    screen = open_screen()
    screen.heading("Models")
    screen.table(
        ["name", "", "parameters", "MB", "blocks", "heads", "wide", "positions", "tokens"],
        [[one.name, one.kept, f"{one.parameters:,}", f"{one.size_bytes / 1e6:,.1f}",
          str(one.n_layer), str(one.n_head), f"{one.n_embd:,}", f"{one.n_positions:,}",
          f"{one.vocab_size:,}"] for one in found],
        right=range(2, 9))
    screen.heading("Checksums", "SHA-256 of the weights file")
    screen.table(["", ""], [[one.name, one.sha256] for one in found if one.sha256], wrap=[1])
    screen.print("")
    if not_opened:
        screen.note(f"In the Hugging Face cache, but no model that can be opened: "
                    f"{', '.join(not_opened)}.")
    screen.note(f"The store is {folder}.")
    screen.hint("More models:", "cutaway fetch gpt2", "cutaway add PATH",
                "cutaway train story.txt --out my-model")
