"""The shape of a model of which perhaps not every file has come yet."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models import GPT2
from cutaway.models.config import PUBLISHED, Config
from cutaway.weights.config_files import read_config
from cutaway.weights.mapping import Weights

FIELDS = ("n_layer", "n_head", "n_embd", "n_positions", "vocab_size")
WIDTHS = {"embed": 1, "joined": 1, "qkv": 3, "hidden": 4}  # axes, in multiples of n_embd
MOST_BLOCKS = 1_000  # GPT-2 XL has 48; a number of nine digits would fill the memory with names
PUBLISHED_BY_WIDTH = {config.n_embd: (name, config) for name, config in PUBLISHED.items()}


@dataclass(frozen=True)
class Shape:
    """What is known of a model's shape.

    fields   by the names of `Config`; None where nothing tells
    said_by  "config.json", "hparams.json", or "the tensors"
    notes    sentences about what was guessed
    problem  a sentence about what stands in the way
    """

    fields: dict[str, Any]
    said_by: str
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def config(self) -> Config | None:
        """The whole shape, where it is known."""
        if self.problem or any(self.fields[name] is None for name in FIELDS):
            return None
        return Config(**self.fields)

    def wanted(self) -> dict[str, tuple[tuple[str, ...], tuple[int | None, ...]]]:
        """Every tensor that the model needs: its axes, and its size as far as that is known."""
        config = Config(n_layer=self.fields["n_layer"] or 1)
        return {name: (axes, tuple(self._size(axis) for axis in axes))
                for name, axes in GPT2.book(config).weights.items()}

    def _size(self, axis: str) -> int | None:
        if axis == "vocabulary":
            return self.fields["vocab_size"]
        if axis == "position":
            return self.fields["n_positions"]
        width = self.fields["n_embd"]
        return None if width is None else width * WIDTHS[axis]


def find_shape(folder: Path, weights: Weights, n_head: int | None = None) -> Shape:
    """The shape that a config file in the folder says, or else that the tensors have.

    n_head  how many heads the user says it has; a config file knows better
    """
    for name in ("config.json", "hparams.json"):
        if (folder / name).is_file():
            try:
                config = read_config(folder, weights)
                _expect_sane(config.n_layer, name)
                return Shape(config.to_dict(), name)
            except ConfigError as error:
                return replace(_guessed(weights, n_head), said_by=name, problem=str(error))
    return _guessed(weights, n_head)


def _guessed(weights: Weights, n_head: int | None) -> Shape:
    width = _width(weights)
    blocks = [number for name in weights if (number := _block(name)) is not None
              and number < MOST_BLOCKS]
    published_name, published = PUBLISHED_BY_WIDTH.get(width or 0, ("", None))
    fields = {
        "n_layer": max(blocks) + 1 if blocks else published.n_layer if published else None,
        "n_head": n_head or (published.n_head if published else None),
        "n_embd": width,
        "n_positions": _rows(weights, "wpe") or (published.n_positions if published else None),
        "vocab_size": _rows(weights, "wte") or (published.vocab_size if published else None),
    }
    if width is None:
        return Shape(fields, "the tensors")
    if fields["n_head"] is None:
        return Shape(fields, "the tensors", problem=(
            "The tensors do not tell how many heads the model has. Drop its config.json, or say "
            "the number."))
    if width % fields["n_head"]:
        return Shape(fields, "the tensors", problem=(
            f"{width} numbers of width cannot be split evenly into {fields['n_head']} heads."))
    return Shape(fields, "the tensors", tuple(_notes(fields, published_name, published, n_head)))


def _notes(fields: dict[str, Any], name: str, published: Config | None, n_head: int | None
           ) -> list[str]:
    """What the user should know of a shape that no file says."""
    notes = ["There is no config.json: the shape was read from the tensors" +
             ("." if n_head else f", and the number of heads is that of {name}.")]
    if published is not None and fields["n_layer"] < published.n_layer:
        notes.append(f"{name}, which is as wide, has {published.n_layer} blocks; here are "
                     f"{fields['n_layer']}. If this is {name}, drop the files of the others too.")
    return notes


def _block(name: str) -> int | None:
    """The number of the block that a tensor is in."""
    return int(name[1:].partition(".")[0]) if "." in name else None


def _expect_sane(n_layer: int, name: str) -> None:
    if n_layer > MOST_BLOCKS:
        raise ConfigError(f"{name}: n_layer is {n_layer:,}; at most {MOST_BLOCKS:,} blocks are "
                          "taken. Get the file again.")


def _width(weights: Weights) -> int | None:
    """How wide most of the tensors are; one of a wrong shape is outvoted."""
    votes: Counter[int] = Counter()
    for name in weights:
        own_axes = weights.architecture.axes(name)
        shape = weights.origin(name).shape
        if len(shape) == len(own_axes):
            votes.update(size // WIDTHS[axis] for size, axis in zip(shape, own_axes, strict=True)
                         if axis in WIDTHS and size % WIDTHS[axis] == 0)
    return votes.most_common(1)[0][0] if votes else None


def _rows(weights: Weights, name: str) -> int | None:
    if name not in weights or len(weights.origin(name).shape) != 2:
        return None
    return weights.origin(name).shape[0]
