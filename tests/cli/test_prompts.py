"""Prompts of every verb that takes one: special tokens, the empty prompt, hints to their writer."""

import json

import pytest

from tests.cli.conftest import PROMPT

MARK = "<|endoftext|>"
VERBS = [("predict", "--max-tokens", "0"), ("generate", "--max-tokens", "0"),
         ("sql", "--max-tokens", "0"), ("edit", "h0.mixed=0"), ("compare", PROMPT)]


def ask(cutaway, tiny, verb: tuple[str, ...], prompt: str, *more: str):
    name, *rest = verb
    found = cutaway(name, prompt, *rest, "--model", tiny, *more)
    assert found.exit_code == 0, found.output
    return found


def ids_of(cutaway, tiny, prompt: str, *more: str) -> list[int]:
    told = json.loads(cutaway("predict", prompt, "--model", tiny, "--max-tokens", "0", "--json",
                              *more).stdout)
    return [token["id"] for token in told["tokens"]]


def test_with_special_the_mark_in_a_prompt_is_one_token_with_transformers_ids(cutaway, tiny):
    AutoTokenizer = pytest.importorskip("transformers").AutoTokenizer
    theirs = AutoTokenizer.from_pretrained(tiny)
    prompt = f"Mike{MARK}"
    assert ids_of(cutaway, tiny, prompt, "--special") == theirs.encode(prompt)
    assert ids_of(cutaway, tiny, prompt) == theirs.encode(prompt, split_special_tokens=True)


@pytest.mark.parametrize("verb", [*VERBS, ("show",)], ids=lambda verb: verb[0])
def test_every_verb_hints_at_a_mark_that_was_read_as_letters(cutaway, tiny, verb):
    hint = f"{MARK} in the prompt was read as letters, "
    if verb[0] == "show":
        found = cutaway("show", "h0.mixed", f"The{MARK}", "--model", tiny)
        special = cutaway("show", "h0.mixed", f"The{MARK}", "--model", tiny, "--special")
    else:
        found = ask(cutaway, tiny, verb, f"The{MARK}")
        special = ask(cutaway, tiny, verb, f"The{MARK}", "--special")
    assert hint in found.stderr and "--special makes it the model's own token." in found.stderr
    assert special.exit_code == 0 and special.stderr == ""
    assert special.stdout != found.stdout or verb[0] == "generate"


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_every_verb_begins_with_the_models_own_mark_where_a_prompt_is_empty(cutaway, tiny, verb):
    found = ask(cutaway, tiny, verb, "")
    assert found.stderr == (f"The prompt is empty: the text begins after the model's own mark, "
                            f"{MARK}.\n")
    assert found.stdout == ask(cutaway, tiny, verb, MARK, "--special").stdout or verb[0] in (
        "generate", "compare")  # these two show the prompt as it was typed


def test_a_text_without_a_prompt_is_that_after_the_mark(cutaway, tiny):
    settings = ("--model", tiny, "--max-tokens", "9", "--seed", "3")
    whole = cutaway("generate", MARK, "--special", *settings).stdout
    assert cutaway("generate", "", *settings).stdout == whole.removeprefix(MARK)
    assert cutaway("generate", "-", *settings, input="").stdout == whole.removeprefix(MARK)


def test_a_prompt_that_ends_with_a_space_gets_a_hint(cutaway, tiny):
    found = cutaway("generate", "The ", "--model", tiny, "--max-tokens", "0")
    assert found.stderr == (
        "The prompt ends with a space. This model's words begin with theirs, so that it has hardly "
        "seen one alone: leave the space out for a likelier text.\n")
    for prompt in ("The", "The\n", f"The {MARK}"):
        found = cutaway("generate", prompt, "--model", tiny, "--max-tokens", "0", "--special")
        assert found.stderr == ""


def test_a_file_of_sql_refuses_special_tokens_by_name(cutaway, tiny):
    found = cutaway("sql", f"The{MARK}", "--special", "--script", "-", "--model", tiny)
    assert found.exit_code == 2 and "knows no special tokens" in found.stderr


def test_a_database_continues_a_prompt_with_special_tokens_as_generate_does(cutaway, tiny):
    settings = (f"The{MARK}", "--special", "--model", tiny, "--max-tokens", "6")
    text = cutaway("generate", *settings).stdout
    assert text in cutaway("sql", *settings).stdout


def test_tokens_shows_a_mark_as_one_piece(cutaway, tiny):
    found = json.loads(cutaway("tokens", f"The{MARK}The", "--special", "--model", tiny,
                               "--json").stdout)[0]
    assert [piece["text"] for piece in found["pieces"]] == ["The", MARK, "The"]
    assert found["ids"] == ids_of(cutaway, tiny, f"The{MARK}The", "--special")
    page = cutaway("tokens", f"The{MARK}The", "--special", "--steps", "--model", tiny)
    assert "one token: nothing is left to join" in page.stdout
