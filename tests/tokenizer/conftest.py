"""What every test of the tokenizer may ask for."""

from collections.abc import Iterator

import pytest

from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.tokenizer import oracles


@pytest.fixture(scope="session")
def gpt2() -> Tokenizer:
    """GPT-2's own tokenizer, opened by Cutaway."""
    return Tokenizer.open(gpt2_folder())


@pytest.fixture(scope="session")
def peers() -> Iterator[tuple]:
    """GPT-2's own tokenizer in tiktoken and in Hugging Face's `tokenizers`."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield oracles.gpt2_by_tiktoken(monkeypatch), oracles.gpt2_by_hugging_face()


@pytest.fixture(scope="session")
def small() -> Tokenizer:
    """Three merges written by hand: th, then th after a space, then the after a space."""
    return Tokenizer.from_merges([(b"t", b"h"), (b" ", b"th"), (b" th", b"e")])
