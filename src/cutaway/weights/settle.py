"""What a file holds beside the parameters that a configuration asks for: settled, or refused.

A file may hold the language head once more where it is the token table, and biases that are all 0
where the model has none: `transformers` knows no GPT-2 without them.
"""

from dataclasses import replace
from typing import Any, cast

import numpy as np

from cutaway.errors import WeightsError
from cutaway.models.config import ModelConfig
from cutaway.weights.mapping import Weights
from cutaway.weights.names import find_name


def settled(config: ModelConfig, weights: Weights) -> tuple[ModelConfig, Weights]:
    """The configuration and the weights as they belong together.

    A head that differs from the token table makes the model one of an untied head, whatever the
    configuration says: so `transformers` reads it as well.
    Raises:  WeightsError for a bias that is not 0 where the configuration says there is none
    """
    weights.expect_blocks(config)
    config = _with_own_head(config, weights)
    wanted = weights.architecture.book(config).weights
    head = _head(weights)
    spare = [name for name in weights if name not in wanted and (
        name == head or name.rpartition(".")[2] in getattr(config, "missing_biases", ()))]
    for name in spare:
        if name != head and np.any(weights[name]):
            raise WeightsError(
                f"{weights.file.name}: config.json says that the model has no {name} "
                f"(missing_biases), but the file holds one that is not 0. Take it out of that "
                "list, or get the files again from one place.")
    return config, weights.without(spare)


def _with_own_head(config: ModelConfig, weights: Weights) -> ModelConfig:
    """The configuration of an untied head where the file has one. Reads the head and the table."""
    head, table = _head(weights), weights.architecture.table_of("token_table")
    if head is None or table is None or head not in weights or table not in weights:
        return config
    if head in weights.architecture.book(config).weights:
        return config
    if np.array_equal(weights[head], weights[table], equal_nan=True):
        return config
    return cast(ModelConfig, replace(cast(Any, config), tie_word_embeddings=False))


def _head(weights: Weights) -> str | None:
    """The parameter that stands for the token table once more; None where there is none."""
    found = find_name(weights.architecture.tied_head, weights.architecture)
    return found.name if found else None
