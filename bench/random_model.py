"""Models with random weights: as fast as trained ones, and always at hand.

The numbers are spread as GPT-2's were when its training began, so that nothing fades or explodes
on the way through the blocks; scales and biases are a little off 1 and 0, so that a peer which
forgot one would be found out.
"""

import shutil
from pathlib import Path
from typing import cast

import numpy as np

from cutaway.model import Model
from cutaway.models.config import PUBLISHED, Config
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import Tokenizer
from cutaway.weights import read_model_files, save_weights

SMALL = PUBLISHED["gpt2"]
# Whole GPT-2s, and the shapes between the bundled one and the small one.
SIZES = {
    "4 M": Config(vocab_size=4096, n_positions=1024, n_embd=192, n_layer=6, n_head=6),
    "13 M": Config(vocab_size=16384, n_positions=1024, n_embd=256, n_layer=8, n_head=8),
    "46 M": Config(vocab_size=32768, n_positions=1024, n_embd=512, n_layer=9, n_head=8),
    "124 M": SMALL,
    "355 M": PUBLISHED["gpt2-medium"],
}
PROMPT = [525, 318, 2068, 13, 679, 3100]  # 6 tokens, in every vocabulary of SIZES


def random_arrays(config: Config, seed: int = 0) -> dict[str, np.ndarray]:
    """The weights by the book's names, float32. The same seed gives the same numbers.

    Source: Radford et al. 2019: 0.02, and what is added to the residual divided by sqrt(2 n_layer)
    """
    random = np.random.default_rng(seed)
    arrays = {}
    for name, axes in gpt2(config).weights.items():
        shape = [config.sizes[axis] for axis in axes]
        spread = 0.02 / np.sqrt(2 * config.n_layer) if name.endswith("_proj_w") else 0.02
        array = random.standard_normal(shape, dtype=np.float32)
        array *= np.float32(spread)
        arrays[name] = array + np.float32(1) if name.endswith("_g") else array
    return arrays


def random_folder(folder: Path, config: Config = SMALL) -> Path:
    """The model as `config.json` and `model.safetensors`, which Cutaway and its peers open."""
    if not (folder / "model.safetensors").exists():
        save_weights(folder, config, random_arrays(config))
    return folder


def open_random(folder: Path) -> Model:
    """A model of a folder without a tokenizer: it is run on ids."""
    found = read_model_files(folder)
    return Model(found.name, found.config, gpt2(found.config), found.weights,
                 cast(Tokenizer, None))


def config_of(folder: str | Path) -> Config:
    """The shape of a model's files."""
    return read_model_files(Path(folder)).config


def random_ids(config: Config, count: int) -> list[int]:
    """A prompt of so many tokens, the same every time."""
    return np.random.default_rng(1).integers(0, config.vocab_size - 1, count).tolist()


def random_gpt2_small(folder: Path, tokenizer: Path) -> Path:
    """GPT-2 small as a folder of files.  tokenizer: a folder with GPT-2's own vocabulary"""
    random_folder(folder)
    for file in tokenizer.iterdir():
        shutil.copy(file, folder)
    return folder
