"""Where a text ends: at a phrase that may run over several tokens, and what is held back for it."""

import numpy as np
import pytest

from cutaway.errors import SettingError
from cutaway.generate import generate, generate_text
from cutaway.generate.stop import UntilPhrase
from tests.generate.small import TINY, model_that_writes, random_weights, run_in_float64

TALE = "It was the best. The end. And then"


def text_until(*phrases: str, tale: str = TALE) -> tuple[str, list[str]]:
    """A text of one token a byte that ends before a phrase, and the pieces that it came in."""
    model = model_that_writes(tale.encode(), prompt_length=2)
    written = list(generate(model.run("ab"), max_tokens=len(tale.encode()), stop=phrases))
    pieces = [token.text for token in written]
    return "".join(pieces), pieces


@pytest.mark.parametrize(("phrases", "expected"), [
    (["The end"], "It was the best. "),
    (["the best"], "It was "),
    (["."], "It was the best"),
    (["nowhere"], TALE),
    (["The end.", "the end"], "It was the best. "),
    (["then", "best"], "It was the "),
    (["The endless"], TALE),
    (["then and"], TALE),          # its beginning is the end of the text
    (["st. T", "t"], "I"),
])
def test_a_text_ends_before_the_phrase_that_is_complete_first(phrases, expected):
    assert text_until(*phrases)[0] == expected


def test_what_may_be_the_beginning_of_a_phrase_is_held_back_until_it_is_certain():
    _, pieces = text_until("the end", tale="in the eye")
    assert pieces == ["i", "n", " ", "", "", "", "", "", "the ey", "e"]


def test_the_token_that_completes_the_phrase_is_the_last_and_names_it():
    model = model_that_writes(TALE.encode(), prompt_length=2)
    last = list(generate(model.run("ab"), max_tokens=30, stop=["nothing", "best"]))[-1]
    assert last.stopped_by == "best"
    assert last.run.vocabulary.decode(last.run.ids) == "abIt was the best"


def test_a_phrase_of_characters_of_several_bytes_is_found():
    assert text_until("🦊 sl", tale="a 🦊 sleeps")[0] == "a "
    assert text_until("é", tale="un 🦊 a été")[0] == "un 🦊 a "


def test_a_phrase_is_looked_for_in_what_is_written_only():
    model = model_that_writes(b"bc", prompt_length=2)
    assert generate_text(model, "ab", max_tokens=2, stop=["abb", "b"]) == ""
    assert generate_text(model, "ab", max_tokens=2, stop=["abb"]) == "bc"


def test_a_text_that_ends_in_the_middle_of_a_phrase_is_whole():
    model = model_that_writes(TALE.encode(), prompt_length=2)
    assert generate_text(model, "ab", max_tokens=20, stop=["The endless"]) == TALE[:20]


def test_where_a_text_ends_does_not_depend_on_how_it_is_cut_into_tokens():
    random = np.random.default_rng(3)
    for _ in range(400):
        text = "".join(random.choice(["a", "b", "c"], size=12))
        phrases = ["".join(random.choice(["a", "b", "c"], size=random.integers(1, 5)))
                   for _ in range(random.integers(1, 4))]
        # The plain way: of all beginnings of the text, the first that ends with a phrase.
        expected = next((text[:end - len(phrase)] for end in range(13)
                         for phrase in sorted(phrases, key=len, reverse=True)
                         if text[:end].endswith(phrase)), text)
        cuts = sorted(random.integers(0, 13, size=random.integers(0, 5)))
        until, got = UntilPhrase(phrases), ""
        for start, end in zip([0, *cuts], [*cuts, 12], strict=True):
            if until.found is None:
                got += until.add(text[start:end])
        assert got + until.finish() == expected, (text, phrases, cuts)


def test_an_empty_phrase_says_what_it_would_do():
    with pytest.raises(SettingError) as error:
        generate(model_that_writes(b"", 2).run("ab"), stop=["end", ""])
    assert str(error.value) == (
        "A stop phrase is empty, so that the text would end before it begins. Give the words "
        "before which it is to end, or leave it out.")


def test_one_text_in_the_place_of_a_list_says_what_to_write():
    with pytest.raises(SettingError) as error:
        generate(model_that_writes(b"", 2).run("ab"), stop="end")
    assert str(error.value) == ("stop is the text 'end'; a list of phrases is expected: "
                                "stop=['end'].")


def test_a_run_without_a_tokenizer_says_what_to_give():
    run = run_in_float64(TINY, random_weights(TINY, 0), [1, 2])
    with pytest.raises(SettingError) as error:
        generate(run, stop=["end"])
    assert str(error.value) == (
        "The run has no tokenizer, so that no phrase can be looked for in its text. Give "
        "stop_tokens, the ids that end it.")
