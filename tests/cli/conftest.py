"""A tiny model of random weights, and the command line to open it with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from cutaway.cli import main
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import Tokenizer, learn_merges
from cutaway.weights import export_huggingface

TEXT = ("Mike is quick. He moves quickly. Once upon a time the king said to the queen: the dog "
        "chases the cat. A straw berry is a strawberry. The cat moves.") * 3
PROMPT = "Mike is quick. He moves"
CutawayCommand = Callable[..., Result]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A model of 2 blocks, 2 heads, 8 wide, 24 positions, in Hugging Face's files."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    merges = [merge.pair for merge in learn_merges(TEXT, 60)]
    tokenizer = Tokenizer.from_merges(merges)
    tokenizer.save(folder)
    write_model(folder, len(tokenizer), seed=1)
    return folder


def write_model(folder: Path, vocab_size: int, seed: int, n_positions: int = 24) -> None:
    """Random weights, large enough that the probabilities differ well."""
    config = Config(vocab_size, n_positions=n_positions, n_embd=8, n_layer=2, n_head=2)
    random = np.random.default_rng(seed)
    arrays = {name: random.normal(0, 0.7, [config.sizes[axis] for axis in axes]).astype(np.float32)
              for name, axes in gpt2(config).weights.items()}
    export_huggingface(config, arrays, folder, folder)


@pytest.fixture
def cutaway(tmp_path, monkeypatch) -> CutawayCommand:
    """The command line, run where nothing but the test's own files are."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **settings) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments],
                                  prog_name="cutaway", **settings)

    return run


@pytest.fixture
def peer(tiny):
    """The same model, opened and calculated by Hugging Face's transformers, in eval mode."""
    transformers = pytest.importorskip("transformers")
    return transformers.GPT2LMHeadModel.from_pretrained(tiny, attn_implementation="eager").eval()
