"""What people look for in a run: the likeliest tokens, and the guess after each block."""

import numpy as np
import pytest
import torch

from cutaway import Config, NumpyEngine, start_run
from cutaway.errors import NoSuchRole
from cutaway.look import guess_after, guesses_by_block, is_shares, likeliest, moved_guesses
from tests.oracles import hugging_face_gpt2, our_arrays
from tests.workbook.test_book import book_of
from tests.workbook.tiny import BOOK, WEIGHTS, tiny_run

CONFIG = Config(vocab_size=11, n_positions=16, n_embd=6, n_layer=3, n_head=2)


def test_the_guess_after_each_block_is_hugging_faces_head_on_that_blocks_output():
    """Source: the logit lens; transformers' hidden_states through its own ln_f and lm_head."""
    from cutaway import gpt2

    peer, ids = hugging_face_gpt2(CONFIG, scale=0.5), np.array([3, 1, 4, 1, 5])
    run = start_run(gpt2(CONFIG), our_arrays(peer), ids, engine=NumpyEngine(np.float64))
    with torch.no_grad():
        states = peer(torch.tensor(ids)[None], output_hidden_states=True).hidden_states
        before_norm = [*states[1:-1]]  # the last one has passed ln_f already
        shares = [torch.softmax(peer.lm_head(peer.transformer.ln_f(state)), -1)[0, -1]
                  for state in before_norm]
        shares.append(torch.softmax(peer.lm_head(states[-1]), -1)[0, -1])
    for ours, theirs in zip(guesses_by_block(run), shares, strict=True):
        assert ours.id == int(theirs.argmax())
        assert ours.probability == pytest.approx(float(theirs.max()), rel=1e-5)


def test_the_likeliest_come_first_and_of_equals_the_lowest_id():
    run = tiny_run().edit("next_logits", [0, 3, 1, 3, 2, 0, 0, 0, 0, 0, 0])
    assert [guess.id for guess in likeliest(run, 4)] == [1, 3, 4, 2]
    assert likeliest(run, 1)[0].text == " cat"
    assert guess_after(run, "h1.residual_after_mlp") == likeliest(run, 1)[0]


def test_what_moved_is_told_by_the_larger_of_both():
    before = tiny_run().edit("next_probabilities", 0).edit("next_probabilities", 0.5, vocabulary=2)
    after = before.edit("next_probabilities", 0.9, vocabulary=7)
    assert [(one.id, one.before, one.after) for one in moved_guesses(before, after, 2)] == [
        (7, 0, 0.9), (2, 0.5, 0.5)]


def test_shares_are_known_by_their_formula_whatever_it_is_called():
    assert {name.rpartition(".")[2] for name in BOOK.nodes if is_shares(BOOK, name)} == {
        "attention", "next_probabilities"}
    assert not is_shares(BOOK.replace(_attention_without_shares), "h0.attention")
    assert not is_shares(BOOK, "wte")


def _attention_without_shares(scores):
    return scores


_attention_without_shares.__name__ = "attention"


def test_a_model_without_a_next_token_says_so():
    from cutaway.models.gpt2 import embed

    run = start_run(book_of(embed, roles={}), WEIGHTS, [0, 1], engine=NumpyEngine())
    with pytest.raises(NoSuchRole, match="no table of the next token's probabilities"):
        likeliest(run, 1)
