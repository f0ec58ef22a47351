"""A prompt that was read: ids as transformers gives them, and what its writer should know."""

import pytest

from cutaway.tokenizer import Prompt, Tokenizer, learn_merges, read_prompt

MERGES = [merge.pair for merge in learn_merges("the cat and the dog and the bird " * 4, 40)]
WORDS = Tokenizer.from_merges(MERGES, special=("<|endoftext|>", "<|user|>"))


def test_a_mark_is_a_token_only_where_somebody_asks_for_it():
    text = "the cat<|endoftext|>the dog<|user|><|endoftext|>"
    letters = read_prompt(WORDS, text)
    assert letters == Prompt(WORDS.encode(text), unread=("<|endoftext|>", "<|user|>"))
    special = read_prompt(WORDS, text, special=True)
    assert special == Prompt(WORDS.encode_with_special(text))
    assert special.ids[-1] == WORDS.end_of_text


@pytest.mark.parametrize("special", [False, True])
def test_a_prompt_of_words_is_the_same_either_way(special):
    assert read_prompt(WORDS, "the cat", special=special) == Prompt(WORDS.encode("the cat"))


def test_an_empty_prompt_is_the_models_own_mark_or_nothing():
    assert read_prompt(WORDS, "") == Prompt([WORDS.end_of_text], began="<|endoftext|>")
    assert read_prompt(Tokenizer.from_merges([], special=()), "") == Prompt([])


@pytest.mark.parametrize(("text", "at_space"), [
    ("the ", True), ("the  ", True), (" ", True), ("the", False), ("the\n", False),
    (" the", False)])
def test_a_space_at_the_end_is_told_where_words_begin_with_theirs(text, at_space):
    assert read_prompt(WORDS, text).at_space == at_space
    assert not read_prompt(Tokenizer.from_merges([]), text).at_space  # a vocabulary of letters


def test_the_visible_way_gives_the_same_ids_with_each_mark_as_a_piece():
    text = "<|user|>the cat<|endoftext|> and"
    visible = WORDS.encode_visibly_with_special(text)
    assert visible.ids == WORDS.encode_with_special(text)
    assert "".join(piece.text for piece in visible.pretokens) == text
    mark = visible.pretokens[0]
    assert (mark.text, mark.n_steps, list(mark.walk()), mark.rejected) == ("<|user|>", 0, [], ())
