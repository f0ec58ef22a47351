"""A made-up architecture: two tables and a blend in each block, stored as output x input.

Its language head has a table of its own, and its names are not GPT-2's.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from cutaway import Book, Config, Sheet
from cutaway.models.architecture import Architecture, ConfigFile, Parameter
from cutaway.workbook.operations import last_row, look_up, softmax

FILES = ("hugging_face",)

embed = Sheet("embed", weights={"tokens_w": "vocabulary embed"})


@embed.step("a", axes="position embed")
def embeddings(ids, tokens_w):
    """Each token's row."""
    return look_up(tokens_w, ids)


block = Sheet("block", receives="stream", weights={"blend_w": "embed hidden",
                                                   "back_w": "hidden embed", "shift": "embed"})


@block.step(1, axes="position embed")
def blended(stream, blend_w, back_w, shift):
    """Out to the wide row, and back."""
    return stream + stream @ blend_w @ back_w + shift


head = Sheet("head", receives="stream", weights={"answers_w": "embed vocabulary"})


@head.step("a", axes="position vocabulary")
def logits(stream, answers_w):
    """One product for each token."""
    return stream @ answers_w


@head.step("b", axes="vocabulary")
def next_probabilities(logits):
    """Shares of 1."""
    return softmax(last_row(logits))


def book(config: Config) -> Book:
    """The definition."""
    return Book([embed, *map(block.at, range(config.n_layer)), head], constants={},
                sizes=config.sizes, roles={"token_table": "tokens_w"})


def fresh(config: Config, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights."""
    return {name: generator.normal(size=[config.sizes[axis] for axis in axes]).astype(np.float32)
            for name, axes in book(config).weights.items()}


MADE_UP = Architecture(
    name="Made-up",
    model_type="made_up",
    config_class=Config,
    book=book,
    parameters=(
        Parameter("tokens_w", "", "model.embed_tokens.weight", "What a token means."),
        Parameter("blend_w", "", "model.layers.{block}.blend.weight", "Out.", FILES),
        Parameter("back_w", "", "model.layers.{block}.back.weight", "Back.", FILES),
        Parameter("shift", "", "model.layers.{block}.shift", "Aside."),
        Parameter("answers_w", "", "lm_head.weight", "What a row answers.", FILES),
    ),
    prefix="model.",
    config_file=ConfigFile("MadeUpForCausalLM", fixed={"hidden_act": ("none",)}),
    fresh=fresh)


def write_made_up(folder: Path, config: Config) -> tuple[Path, dict[str, np.ndarray]]:
    """The folder with a made-up model as its files have it, and the numbers of its book."""
    arrays = MADE_UP.fresh(config, np.random.default_rng(0))
    stored = {"model.embed_tokens.weight": arrays["tokens_w"],
              "lm_head.weight": arrays["answers_w"].T}
    for block in range(config.n_layer):
        layer, ours = f"model.layers.{block}", f"h{block}"
        stored |= {f"{layer}.blend.weight": arrays[f"{ours}.blend_w"].T,
                   f"{layer}.back.weight": arrays[f"{ours}.back_w"].T,
                   f"{layer}.shift": arrays[f"{ours}.shift"]}
    folder.mkdir()
    save_file({name: np.ascontiguousarray(array) for name, array in stored.items()},
              folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "model_type": "made_up"}))
    return folder, arrays
