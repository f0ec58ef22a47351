"""Tokenizers by name: GPT-2's own, those of the models on this computer, those of folders."""

import numpy as np
import pytest

import cutaway
from cutaway.errors import TokenizerFileError
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import Tokenizer
from cutaway.weights import Store, export_huggingface


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A store of this test's own, and a folder to stand in."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_small_model(folder, vocab_size, tokenizer=None):
    """A model of one narrow block, with or without a tokenizer beside it."""
    config = Config(vocab_size, n_positions=4, n_embd=2, n_layer=1, n_head=1)
    arrays = {name: np.zeros([config.sizes[axis] for axis in axes], np.float32)
              for name, axes in gpt2(config).weights.items()}
    export_huggingface(config, arrays, tokenizer, folder)


def small_tokenizer(folder):
    tokenizer = Tokenizer.from_merges([(b"t", b"h")])
    tokenizer.save(folder)
    return tokenizer


def test_a_name_is_gpt2s_own_a_models_or_a_folder(home):
    small = small_tokenizer(home / "small")
    write_small_model(home / "model", len(small), home / "small")
    Store().add("model", "kept")
    assert len(cutaway.open_tokenizer("gpt2")) == 50_257
    assert len(cutaway.open_tokenizer("storybook")) == 4_096
    assert cutaway.open_tokenizer("kept") == small
    assert cutaway.open_tokenizer("small") == cutaway.open_tokenizer(home / "small") == small
    assert cutaway.open_tokenizer("small/vocab.json") == small


def test_gpt2_is_openais_whatever_else_is_called_so_and_a_path_is_never_a_name(home):
    small = small_tokenizer(home / "gpt2")
    assert len(cutaway.open_tokenizer("gpt2")) == 50_257
    assert cutaway.open_tokenizer("./gpt2") == small
    write_small_model(home / "gpt2", len(small), home / "gpt2")
    assert cutaway.open_model("gpt2").tokenizer == small  # the folder's, as it always was


def test_an_unknown_name_is_told_with_what_is_at_hand():
    with pytest.raises(TokenizerFileError) as error:
        cutaway.open_tokenizer("gtp2")
    assert str(error.value) == (
        "There is no tokenizer, no model and no folder 'gtp2'. Did you mean 'gpt2'? Here are: "
        "gpt2 (OpenAI's own), storybook. A folder can be named as well: with vocab.json and "
        "merges.txt, with encoder.json and vocab.bpe, or with tokenizer.json.")
    with pytest.raises(TokenizerFileError, match="Here are: gpt2"):
        cutaway.open_tokenizer("")


def test_a_model_without_a_tokenizer_is_told_to_take_gpt2s_when_it_has_as_many_tokens(home):
    write_small_model(home / "bare", 50_257)
    with pytest.raises(TokenizerFileError, match=r"50,257 rows.*add PATH --tokenizer gpt2"):
        cutaway.open_model("bare")
    write_small_model(home / "other", 300)
    with pytest.raises(TokenizerFileError, match=r"add PATH --tokenizer FOLDER") as error:
        cutaway.open_model("other")
    assert "gpt2" not in str(error.value)
    Store().add("other", "mute")
    with pytest.raises(TokenizerFileError, match=r"The model 'mute' has no tokenizer\. Here are:"):
        cutaway.open_tokenizer("mute")


def test_a_model_is_opened_with_another_tokenizer_that_fits(home):
    write_small_model(home / "bare", 50_257)
    model = cutaway.open_model("bare", tokenizer="gpt2")
    assert list(model.run(" quick").ids) == [2068]  # the workshop's notes, W54
    with pytest.raises(TokenizerFileError, match=r"the tokenizer has 4,096 tokens, but .* 50,257"):
        cutaway.open_model("bare", tokenizer="storybook")
