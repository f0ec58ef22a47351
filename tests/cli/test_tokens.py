"""`cutaway tokens` and `cutaway learn-tokens`."""

import json

import pytest

from tests.cli.conftest import PROMPT, TEXT


def test_tokens_are_those_of_the_tokenizers_library(cutaway, tiny):
    tokenizers = pytest.importorskip("tokenizers")
    peer = tokenizers.Tokenizer.from_file(str(tiny / "tokenizer.json"))
    texts = [PROMPT, " the", "strawberry", "TL;DR", "日本 🍓"]
    answer = json.loads(cutaway("tokens", *texts, "--model", tiny, "--json").stdout)
    assert [one["ids"] for one in answer] == [peer.encode(text).ids for text in texts]


def test_gpt2s_own_vocabulary_needs_no_model(cutaway):
    # W37 of the workshop's notes; tests/tokenizer/test_gpt2_files.py asks both peers for the same
    (one,) = json.loads(cutaway("tokens", "Mike is quick. He moves", "--tokenizer", "gpt2",
                                "--json").stdout)
    assert one["ids"] == [16073, 318, 2068, 13, 679, 6100]
    page = cutaway("tokens", " quick", "--tokenizer", "gpt2", "--steps").stdout
    assert "[i+c 35]" in page and "[␣qu+ick 1812]" in page                          # W54


def test_a_folder_is_a_tokenizer_too(cutaway, tiny):
    answers = [cutaway("tokens", PROMPT, option, tiny, "--json").stdout
               for option in ("--model", "--tokenizer")]
    assert answers[0] == answers[1]


def test_an_unknown_tokenizer_is_told_with_those_at_hand(cutaway):
    result = cutaway("tokens", "a", "--tokenizer", "gpt-2")
    assert result.exit_code == 1
    assert "Did you mean 'gpt2'? Here are: gpt2 (OpenAI's own), storybook." in result.stderr


def test_a_model_and_a_tokenizer_are_not_both_taken(cutaway, tiny):
    result = cutaway("tokens", "a", "--tokenizer", "gpt2", "--model", tiny)
    assert result.exit_code == 2 and "not both" in result.stderr


def test_pieces_are_shown_with_bytes_and_ids(cutaway, tiny):
    page = cutaway("tokens", "Hi!", "--model", tiny).stdout
    assert "48 69" in page  # H and i in ASCII
    assert "2 pieces" in page


def test_several_texts_stand_in_one_table(cutaway, tiny):
    page = cutaway("tokens", "berry", " berry", "--model", tiny).stdout
    assert [line.split()[0] for line in page.splitlines()[2:]] == ["text", '"berry"', '"']


def test_every_merge_is_shown_with_the_ranks_of_the_pairs(cutaway, tiny):
    first_merge = (tiny / "merges.txt").read_text(encoding="utf-8").splitlines()[1]
    left, right = first_merge.replace("Ġ", "␣").split(" ")
    page = cutaway("tokens", PROMPT + " the", "--model", tiny, "--steps").stdout
    assert f"[{left}+{right} 0]" in page


def test_of_a_very_long_word_the_first_merges_are_shown_and_all_are_counted(cutaway, tiny):
    peer = pytest.importorskip("tokenizers").Tokenizer.from_file(str(tiny / "tokenizer.json"))
    word = "".join(filter(str.isalpha, TEXT)) * 160
    assert len(word) > 50_000  # and 250,000 symbols at most: four rows of the whole word
    (one,) = json.loads(cutaway("tokens", word, "--model", tiny, "--json").stdout)
    (piece,) = one["pieces"]
    assert piece["ids"] == peer.encode(word).ids
    assert len(piece["merges"]) == 250_000 // len(word) < piece["n_merges"]
    page = cutaway("tokens", word, "--model", tiny, "--steps").stdout
    assert f"the first {len(piece['merges'])} of its {piece['n_merges']} merges are shown" in page


def test_the_empty_text_has_no_token(cutaway, tiny):
    assert "The text is empty" in cutaway("tokens", "", "--model", tiny).stdout


def test_the_papers_ten_merges_are_learned(cutaway):
    # Sennrich, Haddow, Birch (2016), the corpus of figure 1 with first-seen ties
    answer = json.loads(cutaway("learn-tokens", "--paper", "--json").stdout)
    assert [one["makes"] for one in answer] == [
        "es", "est", "est_", "lo", "low", "ne", "new", "newest_", "low_", "wi"]
    assert [one["tokens_after"] for one in answer] == [86, 77, 68, 61, 54, 48, 42, 36, 31, 28]


def test_a_pass_shows_counts_tie_merge_and_the_text_after_it(cutaway):
    page = cutaway("learn-tokens", "--paper", "--merges", "1").stdout
    assert "l·o·w·_ x5  l·o·w·e·r·_ x2  n·e·w·e·s·t·_ x6  w·i·d·e·s·t·_ x3" in page
    assert "e+s 9  s+t 9  t+_ 9" in page
    assert "3 pairs stand there 9 times" in page
    assert "n·e·w·es·t·_ x6" in page


def test_merges_are_learned_from_standard_input(cutaway):
    page = cutaway("learn-tokens", "-", "--merges", "1", input="aa aa b").stdout
    assert "a + a = aa   2 times" in page


def test_learning_from_a_text_without_pairs_says_so(cutaway):
    assert "nothing to merge" in cutaway("learn-tokens", "-", input="a").stdout


def test_learn_tokens_wants_a_file_or_the_paper_and_not_both(cutaway):
    for arguments in ([], ["story.txt", "--paper"]):
        result = cutaway("learn-tokens", *arguments)
        assert result.exit_code == 2 and "Give a FILE" in result.stderr


def test_learned_merges_stand_beside_their_ranks_in_gpt2(cutaway):
    # W51: rank 0 is space + t, 1 is space + a, 2 is h + e
    text = "the heat, the heap " * 3
    answer = json.loads(cutaway("learn-tokens", "-", "--merges", "8", "--tokenizer", "gpt2",
                                "--json", input=text).stdout)
    ranks = {one["makes"]: one["rank_in_tokenizer"] for one in answer}
    assert ranks["he"] == 2
    page = cutaway("learn-tokens", "-", "--merges", "1", "--tokenizer", "gpt2", input=text).stdout
    assert "gpt2   rank 2" in page
    page = cutaway("learn-tokens", "-", "--merges", "1", "--brief", "--tokenizer", "gpt2",
                   input="qzqz").stdout
    assert page.splitlines()[2].endswith("rank in gpt2") and page.splitlines()[3].endswith("-")


def test_the_papers_words_are_compared_with_no_vocabulary(cutaway):
    result = cutaway("learn-tokens", "--paper", "--tokenizer", "gpt2")
    assert result.exit_code == 2 and "compare a FILE" in result.stderr
