"""GPT-2 small with random weights: as fast as the trained one, and always at hand."""

import shutil
from pathlib import Path

import numpy as np

from cutaway.models.config import PUBLISHED
from cutaway.models.gpt2 import gpt2
from cutaway.weights import save_weights


def random_gpt2_small(folder: Path, tokenizer: Path) -> Path:
    """The model as a folder of files.  tokenizer: a folder with GPT-2's own vocabulary"""
    config, random = PUBLISHED["gpt2"], np.random.default_rng(0)
    arrays = {name: random.normal(0, 0.02, [config.sizes[axis] for axis in axes]).astype(np.float32)
              for name, axes in gpt2(config).weights.items()}
    save_weights(folder, config, arrays)
    for file in tokenizer.iterdir():
        shutil.copy(file, folder)
    return folder
