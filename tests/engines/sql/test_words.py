"""Tokenization by the databases against the tokenizer, which its own tests compare with peers."""

import pytest

from cutaway import open_model
from cutaway.errors import EmptyPrompt, NotText, PromptTooLong
from tests.profiles import many
from tests.tokenizer.oracles import fuzzed_strings

CHOSEN = [
    "Mike is quick. He moves", "  two  spaces ", " ", "   ", "a  b", "a \n b", "\n\n", "x\t\ty ",
    "don't you'll they've I'm we'd it's you're",
    "IT'S 'tis ''s 's '' 'll've", "! 's", "a's's",
    "'s",
    "x '", "'", "''t", "\u00a0's", "can't!'s", "1's 2'd3", "1234567890 3.14 ½ Ⅷ ٣",
    "naïve cafe\u0301",
    "日本語は 難しい", "👩‍👩‍👧 🙂🙂", "“quotes” ‘single’ «x»", "aaa aaaa aaaaa", "!!!!!!!!!",
    "a" * 60,
    "https://a.b/c?d=e&f#g", "\u3000x\u2028y\x0bz\x85", "x\u180ey", "<|endoftext|>",
    "\ua7d2's", "'\ua7d4'll 1\ua7d2't", "\U000323b0've \U00010940'd",  # of another year's tables
    "' or 1=1; --",
]


@pytest.fixture(scope="module")
def prompts() -> list[str]:
    texts = [text for text in fuzzed_strings(many(60, 300), seed=4) if "\0" not in text]
    return [*CHOSEN, *filter(None, texts)]


@pytest.mark.long
def test_the_ids_of_many_prompts_are_the_tokenizers(calculated, prompts):
    model = open_model()
    run = calculated(model)
    for text in prompts:
        with run.database.transaction():
            assert run.tokenize(text) == model.tokenizer.encode(text), ascii(text)


def test_a_refused_prompt_leaves_the_tables_of_the_one_before(calculated):
    model = open_model()
    run = calculated(model)
    run.predict("Mike")
    before = run.array("next_logits")
    with pytest.raises(EmptyPrompt):
        run.predict("")
    with pytest.raises(PromptTooLong, match="256 positions"):
        run.predict("a! " * 400)
    assert run.ids == model.tokenizer.encode("Mike")
    assert (run.array("next_logits") == before).all()


def test_what_a_database_cannot_keep_is_told(calculated):
    run = calculated(open_model())
    if run.database.dialect.name == "PostgreSQL":
        with pytest.raises(NotText, match=r"U\+0000"):
            run.predict("a\0b")
    else:
        assert run.tokenize("a\0b") == run.model.tokenizer.encode("a\0b")
