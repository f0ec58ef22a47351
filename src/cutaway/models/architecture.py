"""What Cutaway knows of one kind of model, as one record: the rest of the package asks it.

`gpt2_record.py` is GPT-2's. The definition itself, the steps, is a file of its own (`gpt2.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from cutaway.models.config import ModelConfig
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule
from cutaway.workbook.book import Book

BLOCK = "{block}"  # in a name: where the number of the block is
FORMATS = ("ours", "hugging_face", "openai", "csv")


@dataclass(frozen=True)
class Parameter:
    """One weight of a model: its full name in each file format, and what it means.

        Parameter("c_attn_w", "model/h{block}/attn/c_attn/w",
                  "transformer.h.{block}.attn.c_attn.weight")

    name             ours, as the definition has it, without the block
    openai           in OpenAI's checkpoints; "" where there are none. The CSV files have it with
                     `_` for `/`
    hugging_face     in the files that `transformers` writes
    meaning          what it does, in words
    output_by_input  the formats that store it as output rows x input columns. The book has every
                     weight as input rows x output columns, so these are read transposed
    axes             what its rows and columns are, where only some configurations have it
    """

    name: str
    openai: str
    hugging_face: str
    meaning: str = ""
    output_by_input: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()

    @property
    def in_block(self) -> bool:
        """Whether every block has one of its own."""
        return BLOCK in self.hugging_face

    def spelled(self, file_format: str) -> str:
        """The full name in one of the formats, with `{block}` for the block's number."""
        if file_format == "ours":
            return f"h{BLOCK}.{self.name}" if self.in_block else self.name
        if file_format == "csv":
            return self.openai.replace("/", "_")  # a file's name can hold no slash
        return {"openai": self.openai, "hugging_face": self.hugging_face}[file_format]


def _nothing_more(config: Any, fields: Mapping[str, Any]) -> None:
    """Accept every `config.json`."""


@dataclass(frozen=True)
class ConfigFile:
    """How a `config.json` and OpenAI's `hparams.json` state a configuration.

    model_class  the class of `transformers` that opens the model
    names        the file's names for our fields, where they are others: "hidden_size" for n_embd
    fixed        fields that change the numbers, with the values that the definition calculates
                 with; the first of them is written
    aliases      our names for other names that `transformers` takes for the same fields
    unfolded     the fields with those that are nested in others beside them
    hparams      OpenAI's names, where they differ
    check        raises ConfigError for whatever else the definition does not calculate
    written      further fields to write, given the configuration
    """

    model_class: str
    names: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    hparams: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Any, Mapping[str, Any]], None] = _nothing_more
    written: Callable[[Any], dict[str, Any]] = lambda config: {}
    unfolded: Callable[[Mapping[str, Any]], dict[str, Any]] = dict


@dataclass(frozen=True, eq=False)
class Architecture:
    """One kind of model: all that differs between it and another kind.

        GPT2.book(Config(n_layer=2))
        GPT2.parameter("h3.c_attn_w").meaning
        GPT2.fresh(Config(n_layer=2), np.random.default_rng(0))

    name         as messages call it: "GPT-2"
    model_type   as a `config.json` calls it: "gpt2"
    config_class its configuration, a `ModelConfig` of its own; the functions below are given one
    published    the configurations that were published, by name
    publisher    whose repositories on the Hugging Face hub have them, under the same names
    book         the definition, for a configuration
    parameters   its weights, from top to bottom
    prefix       what Hugging Face's names begin with, and some files leave out
    tied_head    the name under which Hugging Face's files may store the token table once more, as
                 the language head; "" where the head always has a table of its own. Where it is
                 a parameter as well, the configuration has a field `tie_word_embeddings`
    config_file  how files state the configuration
    tokenizer    how its tokenizers cut texts: what a vocabulary that is learned for it goes by
    fresh        random weights to start learning from, float32, by full name
    peer_tables  (model of `transformers`, ids) -> all that it calculates, under our tables' names;
                 None where nobody has said which of its numbers are which table
    """

    name: str
    model_type: str
    config_class: Callable[..., ModelConfig]
    book: Callable[[Any], Book]
    parameters: tuple[Parameter, ...]
    config_file: ConfigFile
    fresh: Callable[[Any, np.random.Generator], dict[str, np.ndarray]]
    published: Mapping[str, ModelConfig] = field(default_factory=dict)
    publisher: str = ""
    tokenizer: TokenizerRule = GPT2_RULE
    prefix: str = ""
    tied_head: str = ""
    peer_tables: Callable[[Any, np.ndarray], dict[str, np.ndarray]] | None = None

    def parameter(self, name: str) -> Parameter:
        """The parameter behind a full name: "h3.c_attn_w".  Raises:  KeyError"""
        parameter = self._by_name[name.rpartition(".")[2]]
        if ("." in name) != parameter.in_block:
            raise KeyError(name)
        return parameter

    def meaning(self, name: str) -> str:
        """What a weight does, in words; "" for a name that is no weight's."""
        parameter = self._by_name.get(name.rpartition(".")[2])
        return parameter.meaning if parameter else ""

    def axes(self, name: str) -> tuple[str, ...]:
        """The axes of a weight, whatever its block.  Raises:  KeyError"""
        if own := self.parameter(name).axes:
            return own
        return self._one_block.weights["h0." + name.partition(".")[2] if "." in name else name]

    def table_of(self, role: str) -> str | None:
        """The name of the table that has a role outside the blocks; None where none has it."""
        return self._one_block.find_role(role)

    def count(self, config: Any) -> int:
        """How many numbers a model of a configuration has, however many blocks that says."""
        one, two = (sum(prod(config.sizes[axis] for axis in axes) for axes in self.book(
            replace(config, n_layer=blocks)).weights.values()) for blocks in (1, 2))
        return one + (config.n_layer - 1) * (two - one)

    @cached_property
    def spellings(self) -> dict[str, tuple[Parameter, str]]:
        """The parameter and the format behind each name that a file may use."""
        found: dict[str, tuple[Parameter, str]] = {}
        for file_format in FORMATS:
            for parameter in self.parameters:
                spelled = parameter.spelled(file_format)
                found.setdefault(spelled, (parameter, file_format))
                if file_format == "hugging_face":
                    found.setdefault(spelled.removeprefix(self.prefix), (parameter, file_format))
        found.pop("", None)
        return found

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def _one_block(self) -> Book:
        """The definition with one block, for the names and axes that no size changes."""
        return self.book(self.config_class(n_layer=1))
