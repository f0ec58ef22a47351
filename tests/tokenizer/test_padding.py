"""A token table with more rows than tokens: GPT-2's own sizes, nanoGPT's, and resized embeddings.

Truth: nanoGPT's train.py gives 50,257 tokens 50,304 rows; `resize_token_embeddings` of
transformers makes tables longer; both leave the other rows as they are.
"""

import numpy as np
import pytest
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel

import cutaway
from cutaway.errors import TokenizerFileError
from cutaway.tokenizer import Tokenizer, fits, learn_merges

TEXT = "Once upon a time the king said to the queen: the dog chases the cat. " * 3


@pytest.fixture(scope="module")
def tokenizer():
    """308 tokens: no multiple of 8."""
    return Tokenizer.from_merges([merge.pair for merge in learn_merges(TEXT, 51)])


def resized(folder, tokenizer, multiple):
    """A model of transformers' with a token table made longer by its own function."""
    config = GPT2Config(vocab_size=len(tokenizer), n_positions=16, n_embd=8, n_layer=1, n_head=2)
    peer = GPT2LMHeadModel(config).eval()
    peer.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=multiple)
    peer.save_pretrained(folder)
    tokenizer.save(folder)
    return peer


@pytest.mark.parametrize("multiple", [8, 16, 32, 64, 128])
def test_a_table_made_longer_is_read_as_its_own_code_reads_it(tmp_path, tokenizer, multiple):
    peer = resized(tmp_path, tokenizer, multiple)
    model = cutaway.open_model(tmp_path)
    prompt = "the queen said"
    ids = AutoTokenizer.from_pretrained(tmp_path)(prompt, return_tensors="pt").input_ids
    run = model.run(prompt)
    assert run["ids"].array.tolist() == ids[0].tolist()
    np.testing.assert_allclose(run["logits"].array, peer(ids).logits[0].detach(), atol=1e-5)
    assert len(model.tokenizer) == model.config.vocab_size == peer.config.vocab_size
    assert model.tokenizer.text_of(len(tokenizer)) == f"<|unused {len(tokenizer)}|>"


def test_nanogpts_rows_are_gpt2s_tokens_made_longer_and_no_other_number_is():
    assert fits(50_257, 50_257) and fits(50_257, 50_304)
    assert not any(fits(50_257, rows) for rows in (50_256, 50_258, 50_305, 51_200))


def test_no_text_becomes_a_row_without_a_token(tokenizer):
    padded = tokenizer.padded(len(tokenizer) + 4)
    text = "the king <|unused 308|> the"
    assert padded.encode(text) == tokenizer.encode(text)
    assert max(padded.encode(text)) < len(tokenizer)


def test_rows_that_no_rounding_explains_are_told(tmp_path, tokenizer):
    config = GPT2Config(vocab_size=len(tokenizer) + 3, n_positions=16, n_embd=8, n_layer=1,
                        n_head=2)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tokenizer.save(tmp_path)
    with pytest.raises(TokenizerFileError, match="added tokens"):
        cutaway.open_model(tmp_path)
