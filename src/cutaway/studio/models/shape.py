"""The shape of a model of which perhaps not every file has come yet."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.weights.config_files import read_config
from cutaway.weights.mapping import Weights
from cutaway.weights.names import block_of
from cutaway.words import message
from cutaway.workbook import Book

TOLD_BY_TENSORS = ("n_layer", "n_head", "n_embd", "n_positions", "vocab_size")
MOST_BLOCKS = 1_000  # GPT-2 XL has 48; a number of nine digits would fill the memory with names


@dataclass(frozen=True)
class Shape:
    """What is known of a model's shape.

    fields   by the names of the configuration; None where nothing tells
    kind     the kind of model
    said_by  "config.json", "hparams.json", or "the tensors"
    notes    sentences about what was guessed
    problem  a sentence about what stands in the way
    """

    fields: dict[str, Any]
    kind: Architecture
    said_by: str
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def config(self) -> ModelConfig | None:
        """The whole shape, where it is known."""
        if self.problem or any(value is None for value in self.fields.values()):
            return None
        return self.kind.config_class(**self.fields)

    def book(self) -> Book:
        """The model's tables; how large they are is perhaps not known yet."""
        some = self.config or self.kind.config_class(n_layer=self.fields["n_layer"] or 1)
        return self.kind.book(some)

    def wanted(self) -> dict[str, tuple[tuple[str, ...], tuple[int | None, ...]]]:
        """Every tensor that the model needs: its axes, and its size as far as that is known."""
        sizes = self._sizes()
        return {name: (axes, tuple(sizes.get(axis) for axis in axes))
                for name, axes in self.book().weights.items()}

    def _sizes(self) -> dict[str, int | None]:
        """How long each axis is, as far as that is known."""
        if self.config is not None:
            return {**self.config.sizes}
        width = self.fields["n_embd"]
        return {"vocabulary": self.fields["vocab_size"], "position": self.fields["n_positions"],
                **{axis: None if width is None else width * times
                   for axis, times in _widths(self.kind).items()}}


def _widths(kind: Architecture) -> dict[str, int]:
    """The axes whose length is a multiple of the model's width, with how many times it is that."""
    one = kind.config_class()
    other = kind.config_class(n_embd=2 * one.n_embd)
    return {axis: size // one.n_embd for axis, size in one.sizes.items()
            if other.sizes[axis] == 2 * size and size % one.n_embd == 0}


def find_shape(folder: Path, weights: Weights, n_head: int | None = None) -> Shape:
    """The shape that a config file in the folder says, or else that the tensors have.

    n_head  how many heads the user says it has; a config file knows better
    """
    for name in ("config.json", "hparams.json"):
        if (folder / name).is_file():
            try:
                config = read_config(folder, weights)
                _expect_sane(config.n_layer, name)
                return Shape(config.to_dict(), weights.architecture, name)
            except ConfigError as error:
                return replace(_guessed(weights, n_head), said_by=name, problem=message(str(error)))
    return _guessed(weights, n_head)


def _guessed(weights: Weights, n_head: int | None) -> Shape:
    width, kind = _width(weights), weights.architecture
    blocks = [number for name in weights if (number := block_of(name)) is not None
              and number < MOST_BLOCKS]
    name, published = next(((name, config) for name, config in kind.published.items()
                            if config.n_embd == width), ("", None))
    fields = {
        "n_layer": max(blocks) + 1 if blocks else published.n_layer if published else None,
        "n_head": n_head or (published.n_head if published else None),
        "n_embd": width,
        "n_positions": _rows(weights, "position_table") or (published.n_positions if published
                                                            else None),
        "vocab_size": _rows(weights, "token_table") or (published.vocab_size if published
                                                        else None),
    }
    shape = Shape(fields, kind, "the tensors")
    if width is None:
        return shape
    if others := [field for field, value in kind.config_class().to_dict().items()
                  if isinstance(value, int) and field not in TOLD_BY_TENSORS]:
        return replace(shape, problem=f"The tensors of a {kind.name} do not tell its shape "
                                      f"({', '.join(others)}). Drop its config.json.")
    if fields["n_head"] is None:
        return replace(shape, problem=(
            "The tensors do not tell how many heads the model has. Drop its config.json, or say "
            "the number."))
    if width % fields["n_head"]:
        return replace(shape, problem=(
            f"{width} numbers of width cannot be split evenly into {fields['n_head']} heads."))
    return replace(shape, notes=tuple(_notes(fields, name, published, n_head)))


def _notes(fields: dict[str, Any], name: str, published: ModelConfig | None, n_head: int | None
           ) -> list[str]:
    """What the user should know of a shape that no file says."""
    notes = ["There is no config.json: the shape was read from the tensors" +
             ("." if n_head else f", and the number of heads is that of {name}.")]
    if published is not None and fields["n_layer"] < published.n_layer:
        notes.append(f"{name}, which is as wide, has {published.n_layer} blocks; here are "
                     f"{fields['n_layer']}. If this is {name}, drop the files of the others too.")
    return notes


def _expect_sane(n_layer: int, name: str) -> None:
    if n_layer > MOST_BLOCKS:
        raise ConfigError(f"{name}: n_layer is {n_layer:,}; at most {MOST_BLOCKS:,} blocks are "
                          "taken. Get the file again.")


def _width(weights: Weights) -> int | None:
    """How wide most of the tensors are; one of a wrong shape is outvoted."""
    votes: Counter[int] = Counter()
    times = _widths(weights.architecture)
    for name in weights:
        own_axes = weights.architecture.axes(name)
        shape = weights.origin(name).shape
        if len(shape) == len(own_axes):
            votes.update(size // times[axis] for size, axis in zip(shape, own_axes, strict=True)
                         if axis in times and size % times[axis] == 0)
    return votes.most_common(1)[0][0] if votes else None


def _rows(weights: Weights, role: str) -> int | None:
    """How many rows the table of a role has, where it is there."""
    name = weights.architecture.table_of(role)
    if name is None or name not in weights or len(weights.origin(name).shape) != 2:
        return None
    return weights.origin(name).shape[0]
