"""Learning merges on pasted text: the paper's numbers, and every pass told."""

import json
from types import SimpleNamespace

import pytest

from cutaway.errors import MessageError, NotText
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.token_questions import Learn
from cutaway.studio.worker.verbs.learning import learn
from tests.tokenizer.oracles import merges_by_hugging_face

# Source: Sennrich et al. (2016), figure 1, as a text (W43)
COUNTS = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
PAPER = " ".join(word for word, count in COUNTS.items() for _ in range(count))
STORY = "The cat sat on the mat. The dog sat on the log. It's 12 o'clock, the cat said: 日本!"


def lesson(text, **fields):
    """The answer, and the pushes as the page gets them."""
    pushed = []
    workspace = SimpleNamespace(push=lambda message: pushed.append(json.loads(json.dumps(message))))
    answer = learn(workspace, checked(Learn, {"text": text, **fields}))
    assert {message["push"] for message in pushed} <= {"learn"}
    return answer, pushed


def test_the_papers_ten_merges_are_learned_with_their_counts():
    answer, passes = lesson(PAPER, boundary="end", merges=10)
    assert answer == {"passes": 10, "stopped": False}
    assert [(one["token"], one["count"]) for one in passes[1:]] == [                # W45
        ("es", 9), ("est", 9), ("est_", 9), ("lo", 7), ("low", 7), ("ne", 6), ("new", 6),
        ("newest_", 6), ("low_", 5), ("wi", 3)]


def test_the_corpus_shrinks_and_the_vocabulary_grows_as_in_the_workshop():
    _, passes = lesson(PAPER, boundary="end", merges=10)
    assert [one["tokens_after"] for one in passes] == [                             # W46
        95, 86, 77, 68, 61, 54, 48, 42, 36, 31, 28]
    assert passes[0]["vocabulary"] == sorted("lowernstid_")                         # W44
    assert [one["n_vocabulary"] for one in passes] == list(range(11, 22))
    assert passes[-1]["corpus"] == [
        {"tokens": ["low_"], "times": 5}, {"tokens": ["low", "e", "r", "_"], "times": 2},
        {"tokens": ["newest_"], "times": 6}, {"tokens": ["wi", "d", "est_"], "times": 3}]


def test_ties_are_shown_with_what_decided():
    _, passes = lesson(PAPER, boundary="end", merges=10)
    assert [one["pass"] for one in passes[1:] if one["n_tied"] > 1] == [1, 2, 4, 6, 7, 10]   # W45
    tied = [pair for pair in passes[10]["pairs"] if pair["tied"]]
    assert [pair["pair"] for pair in tied] == [["w", "i"], ["i", "d"], ["d", "est_"]]
    assert [pair["why"] for pair in tied] == [
        {"word": 4, "place": place, "text": "widest_"} for place in (1, 2, 3)]
    assert passes[10]["rule"] == "the pair that is met first when the words are read in order"
    assert all(pair["why"] is None for pair in passes[3]["pairs"])  # est_ wins alone


def test_the_first_passes_pairs_are_the_workshops():
    _, passes = lesson(PAPER, boundary="end", merges=1)
    counts = {tuple(pair["pair"]): pair["count"] for pair in passes[1]["pairs"]}
    assert counts["e", "s"] == 9 and counts["l", "o"] == 7                          # W44
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    # l+o o+w w+_ w+e e+r r+_ n+e e+w e+s s+t t+_ w+i i+d d+e, counted by hand
    assert passes[1]["n_pairs"] == 14


def test_gpt2s_way_learns_the_merges_of_the_tokenizers_library():
    wanted = merges_by_hugging_face([STORY], 25)
    _, passes = lesson(STORY, boundary="front", ties="lowest-ids", merges=25)
    assert [tuple(map(as_bytes, one["pair"])) for one in passes[1:]] == wanted
    assert {"ids"} == {key for one in passes[1:] for pair in one["pairs"] if pair["why"]
                       for key in pair["why"]}


def as_bytes(token):
    parts = [token] if isinstance(token, str) else token
    return b"".join(bytes([part]) if isinstance(part, int) else part.encode() for part in parts)


def test_the_text_is_told_as_it_is_cut_and_no_letter_is_lost():
    _, passes = lesson(STORY, merges=12)
    for one in passes:
        assert b"".join(as_bytes(token) for word in one["corpus"] for token in word["tokens"]) == \
            STORY.encode()
        assert sum(len(word["tokens"]) for word in one["corpus"]) == one["tokens_after"]
    assert [0xE6] in [token for word in passes[0]["corpus"] for token in word["tokens"]]


def test_only_the_beginning_of_a_long_text_is_told():
    _, passes = lesson(STORY * 50, merges=1)
    told = sum(len(as_bytes(token)) for word in passes[1]["corpus"] for token in word["tokens"])
    assert 300 < told < 450
    _, passes = lesson(" ".join(f"word{number}" for number in range(500)), boundary="end", merges=1)
    assert len(passes[1]["corpus"]) == 40


def test_passes_that_the_page_has_are_not_told_again():
    _, whole = lesson(PAPER, boundary="end", merges=10)
    answer, rest = lesson(PAPER, boundary="end", merges=10, first=8)
    assert answer["passes"] == 10
    assert [{**one, "of": 10} for one in rest] == whole[8:]


def test_every_push_bears_the_word_of_the_lesson():
    _, passes = lesson(PAPER, merges=2, lesson="7")
    assert [one["lesson"] for one in passes] == ["7", "7", "7"]


def test_learning_ends_when_no_pair_is_left():
    answer, passes = lesson("ab ab", boundary="end", merges=100)
    assert answer == {"passes": 2, "stopped": False}
    assert passes[-1]["corpus"] == [{"tokens": ["ab_"], "times": 2}]


def test_an_interrupt_keeps_what_was_learned():
    pushed = []

    def push(message):
        if len(pushed) == 4:
            raise KeyboardInterrupt
        pushed.append(message)

    answer = learn(SimpleNamespace(push=push), Learn(PAPER, 10))
    assert answer == {"passes": 3, "stopped": True}
    assert [one["pass"] for one in pushed] == [0, 1, 2, 3]


def test_a_text_with_an_underscore_has_another_mark():
    _, passes = lesson("a_b a_b", boundary="end", merges=1)
    assert passes[0]["vocabulary"] == ["</w>", "_", "a", "b"]


@pytest.mark.parametrize("boundary", ["front", "end"])
def test_a_text_without_words_is_refused(boundary):
    with pytest.raises(MessageError, match="The text has no word to learn from"):
        lesson("", boundary=boundary)


def test_what_is_too_much_is_refused_with_the_limit():
    with pytest.raises(MessageError, match="'text' has 200,001 characters; at most 200,000 are"):
        lesson("a" * 200_001)
    with pytest.raises(MessageError, match="'merges' is 1001; a whole number from 1 to 1,000"):
        lesson("a b", merges=1001)
    with pytest.raises(MessageError, match="'boundary' is 'middle'; one of front, end"):
        lesson("a b", boundary="middle")
    with pytest.raises(NotText, match=r"U\+D83D"):
        lesson("\ud83d", merges=1)
