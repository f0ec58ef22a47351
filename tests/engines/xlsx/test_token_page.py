"""Tokenizing by formulas, in LibreOffice: the tokenizer's own ids, or a refusal in words.

Cutaway's tokenizer is held to tiktoken and Hugging Face's on 20,000 texts (tests/tokenizer).
"""

import random

import openpyxl
import pytest

from cutaway import open_model
from cutaway.engines.xlsx import write_xlsx
from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.engines.xlsx.models import FEW_MERGES, random_model
from tests.profiles import many

WRITTEN = [
    "I'm you'll he'd we've they're don't it's", "'s", " 's", "\n's", "\u00a0's", "''s", "x''s",
    "'S 'LL", "o'clock 'tis '90s", "'re're've'll'd", "a 'b' \"c\" “d” ‘e’ l'eau", ".'s", "a.'s b",
    "don’t", "  leading", "trailing  ", "a  b   c    d", " ", "     ", "\n", "\n\n a", "a\n\nb",
    "a \n b", "a\t\tb", "\u00a0a", "a\u00a0\u00a0b", "\u3000全角", "a \u3000b", "1234567890",
    "3.14 1,000 ½ ² ٣ Ⅷ", "año naïve Ærøskøbing Straße ÅÄÖ", "e\u0301 combining",
    "日本語のテキスト",
    "你好，世界！", "한국어 텍스트", "Привет, мир", "שלום עולם", "नमस्ते", "😀", "a😀b", "😀😀 😀",
    "👩‍👩‍👧", "🇨🇭 flag", "𝔘𝔫𝔦", "x𝟙y", "aaaaaaaaaaaaaaaaaaaa", "....!!!!????", "=1+1", "=SUM(A1)",
    "-5", "+3", "1e5", "TRUE", "2024-01-01", "00012", "*", "a*b?c~d", "?*", "~", "\"",
    "<b>&amp;</b>", "_x0041_", "#REF!", "@name", "{=1}", "%", "50%", "$5", "https://example.org/a?b=c&d=e",
    "a_b-c/d\\e|f",
    "\ua7d2's", "1\ua7d2't a\ua7d4'll",  # letters of another year's tables
    "<|endoftext|>", "The cat sat on the mat.", "Once upon a time", "strawberry straw berry",
]
ALPHABETS = ["abcdefgh", "theinger", " ", "  ", "'sdmtlver", "0123456789", ".,;:!?\"'“”‘’()-",
             "\n\t ",
             "éàüñøßÅ", "日本語中文字", "😀🦊👩𝔘", "АБвгд", "\u00a0\u3000\u2003", "ABCDEF", "½²٣"]


def prompts(count: int) -> list[str]:
    """Written ones first, then mixtures of everything."""
    chance = random.Random(7)
    made = list(WRITTEN)
    while len(made) < count:
        parts = [chance.choice(chance.choice(ALPHABETS)) for _ in range(chance.randint(1, 24))]
        made.append("".join(part * chance.choice((1, 1, 1, 2, 3)) for part in parts))
    return made[:count]


# GPT-2's 50,000 merges take LibreOffice a minute: they are tried in `make test-long` alone.
COUNTS = {"storybook": many(30, 150), "three merges": many(20, 60), "gpt2": many(0, 12)}
POSITIONS = many(64, 96)  # the longest of these prompts have nearly as many tokens


@pytest.mark.parametrize("prompt", ["\ua7d2's", "'\ua7d2'll", "\U000323b0't"])
def test_a_workbook_is_written_with_characters_of_another_years_table(tmp_path, prompt):
    model = random_model(2, 1, 1, n_positions=32, tokenizer=tokenizers()["storybook"])
    write_xlsx(model, prompt, tmp_path / "tokens.xlsx", 16)
    written = openpyxl.load_workbook(tmp_path / "tokens.xlsx", data_only=True)["Embed"]
    count = written.cell(7, 4).value
    found = [written.cell(9 + place, 4).value for place in range(count)]
    assert found == model.tokenizer.encode(prompt)


def encoded(office, prompt: str) -> list[int] | str:
    """The ids that the sheet finds, or the words with which it refuses."""
    office.put("t_prompt", prompt)
    status, found = office.read("t_status", "t_found_ids")
    return status[0][0] or [int(id) for id in found[0] if id >= 0]


def tokenizers() -> dict[str, Tokenizer]:
    return {"storybook": open_model().tokenizer,
            "three merges": Tokenizer.from_merges(FEW_MERGES)}


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, count in COUNTS.items() if count])
def test_ids_by_formulas_are_the_tokenizers(office, tmp_path, name):
    """Most prompts with the bundled vocabulary, some with others. Few may be refused."""
    tokenizer = (Tokenizer.open(gpt2_folder()) if name == "gpt2"
                 else tokenizers()[name])
    model = random_model(2, 1, 1, n_positions=POSITIONS, tokenizer=tokenizer)
    write_xlsx(model, "a", tmp_path / "tokens.xlsx", POSITIONS)
    office.open(tmp_path / "tokens.xlsx")
    refused = 0
    for prompt in prompts(COUNTS[name]):
        found = encoded(office, prompt)
        if isinstance(found, str):
            refused += 1
            assert "rounds of merging" in found or "tokens are in the prompt" in found, prompt
        else:
            assert found == tokenizer.encode(prompt), repr(prompt)
    assert refused <= 3


def test_a_word_of_too_many_merges_is_refused_by_name(office, tmp_path):
    """Twenty rounds are written; this word needs one merge after the other, 25 of them."""
    word = b"abcdefghijklmnopqrstuvwxyz"
    merges = [(word[:end], word[end:end + 1]) for end in range(1, 26)]
    model = random_model(2, 1, 1, tokenizer=Tokenizer.from_merges(merges))
    write_xlsx(model, "a", tmp_path / "tokens.xlsx", 16)
    office.open(tmp_path / "tokens.xlsx")
    assert encoded(office, "abcdefghijklmnopqrstu") == model.tokenizer.encode(
        "abcdefghijklmnopqrstu")
    assert "needs more than 20 rounds of merging" in encoded(office, word.decode())
