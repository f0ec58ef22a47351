"""The choice of a vocabulary: what the worker answers for the open model's and for GPT-2's own."""

import pytest

from cutaway.errors import MessageError
from cutaway.studio.worker.verbs.learning import learn
from cutaway.studio.worker.verbs.tokens import (
    tokenizers,
    tokens_prompt,
    tokens_spellings,
    tokens_steps,
    tokens_text,
)
from cutaway.studio.worker.verbs.vocabulary import merges, vocabulary, vocabulary_token
from cutaway.tokenizer import Tokenizer
from tests.studio.asking import ask
from tests.tokenizer.conftest import gpt2, peers, small

__all__ = ["gpt2", "peers", "small"]
TEXT = "Mike is quick. He moves"


def test_gpt2s_own_stands_beside_the_open_models_unless_that_has_it(gpt2, small):
    assert ask(tokenizers, small)["tokenizers"] == [
        {"name": "model", "title": "mine", "n_tokens": 260},
        {"name": "gpt2", "title": "gpt2", "n_tokens": 50_257}]
    assert [one["name"] for one in ask(tokenizers, gpt2)["tokenizers"]] == ["model"]
    other = Tokenizer.from_merges(reversed_twice(gpt2.merges))
    assert len(other) == len(gpt2) and len(ask(tokenizers, other)["tokenizers"]) == 2


def reversed_twice(merges):
    """The same merges with the last two in the other order: as many tokens, other ids."""
    return [*merges[:-2], merges[-1], merges[-2]]


@pytest.mark.parametrize("text", [TEXT, "naïve 日本語 🍓", "One.<|endoftext|>Two.", ""])
def test_the_prompts_text_is_shown_in_the_tokens_of_gpt2(small, peers, text):
    ids = small.encode_with_special(text)
    answer = ask(tokens_prompt, small, of=ids, tokenizer="gpt2")
    assert [token["id"] for token in answer["tokens"]] == peers[0].encode(
        text, allowed_special="all")
    assert answer["text"] == text


def test_a_mark_that_was_typed_as_text_stays_text(small, peers):
    text = "<|endoftext|>"
    answer = ask(tokens_prompt, small, of=small.encode(text), tokenizer="gpt2")
    assert [token["id"] for token in answer["tokens"]] == peers[0].encode_ordinary(text)


def test_what_the_model_wrote_is_told_by_its_bytes(small):
    ids = small.encode(TEXT)
    n_prompt = len(small.encode("Mike is quick."))
    answer = ask(tokens_prompt, small, of=ids, tokenizer="gpt2", n_prompt=n_prompt)
    assert answer["n_prompt"] == 4  # Mike, is, quick and the full stop: W37
    assert ask(tokens_prompt, small, of=ids, n_prompt=n_prompt)["n_prompt"] == n_prompt
    assert ask(tokens_prompt, small, of=ids)["n_prompt"] == len(ids)


def test_every_view_follows_the_choice(small):
    (piece,) = ask(tokens_steps, small, text=" quick", tokenizer="gpt2")["pieces"]
    assert [step["rank"] for step in piece["steps"]] == [35, 165, 368, 371, 1812]      # W54
    (spelling,) = ask(tokens_spellings, small, texts=[" reindeer"], tokenizer="gpt2")["spellings"]
    assert [token["id"] for token in spelling["tokens"]] == [302, 521, 28153]          # W39
    assert ask(tokens_text, small, ids=[679, 6100], tokenizer="gpt2")["text"] == " He moves"
    assert ask(vocabulary, small, tokenizer="gpt2")["total"] == 50_257                 # W52
    assert ask(vocabulary, small, tokenizer="model")["total"] == 260
    assert ask(vocabulary_token, small, token=2068, tokenizer="gpt2")["text"] == " quick"
    assert ask(merges, small, tokenizer="gpt2")["total"] == 50_000                     # W51


def test_learned_merges_are_compared_with_the_chosen_vocabulary(small):
    def ranks(**fields):
        pushed = []
        ask(learn, small, pushed=pushed, text="the heat, the heap", merges=1, **fields)
        return [record.get("rank", "not compared") for record in pushed]

    assert ranks(tokenizer="gpt2") == ["not compared", 2]  # h + e is the third merge: W51
    assert ranks(tokenizer="model") == ["not compared", None]
    assert ranks() == ["not compared", "not compared"]
    assert ranks(tokenizer="gpt2", boundary="end") == ["not compared", "not compared"]


def test_a_vocabulary_that_there_is_not_is_refused(small):
    with pytest.raises(MessageError, match="is 'gpt3'; one of model, gpt2 is expected"):
        ask(vocabulary, small, tokenizer="gpt3")
