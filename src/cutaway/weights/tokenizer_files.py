"""The files of a tokenizer that lie beside a model. They are copied here, never understood."""

from importlib.resources.abc import Traversable
from pathlib import Path

from cutaway.errors import TokenizerFileError
from cutaway.reading import json_of, readable

# OpenAI's names on the right hold the same as Hugging Face's on the left.
VOCABULARY = ("vocab.json", "encoder.json")
MERGES = ("merges.txt", "vocab.bpe")
OTHERS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
          "added_tokens.json")
END_OF_TEXT = "<|endoftext|>"
MOST_BYTES = 32_000_000  # GPT-2's vocabulary has 1,042,301


def has_tokenizer(folder: Traversable) -> bool:
    """Whether a vocabulary lies in the folder, under any of its names."""
    return any((folder / name).is_file() for name in (*VOCABULARY, "tokenizer.json"))


def copy_tokenizer(folder: Traversable, target: Path) -> None:
    """The tokenizer's files in `folder`, copied into `target` under Hugging Face's names."""
    for names in (VOCABULARY, MERGES, *((name,) for name in OTHERS)):
        for name in names:
            if (folder / name).is_file():
                (target / names[0]).write_bytes((folder / name).read_bytes())
                break


def files_instead_of(folder: Traversable | None) -> tuple[str, ...]:
    """The files that go where this folder's tokenizer is copied to: none are left of another one.

    Some readers take the one, and some the other.
    """
    return () if folder is None else (*VOCABULARY, *MERGES, *OTHERS)


def end_of_text_id(folder: Traversable | None) -> int | None:
    """The id of the token that ends a text, where a vocabulary beside the model says it.

    Raises:  TokenizerFileError when that vocabulary cannot be read
    """
    if folder is None:
        return None
    for name in (*VOCABULARY, "tokenizer.json"):
        if (file := folder / name).is_file():
            with readable(name, TokenizerFileError, "{name}: tokens with their ids are expected, "
                          "as JSON. Get the file again."):
                return _ids(json_of(file, MOST_BYTES)).get(END_OF_TEXT)
    return None


def _ids(content: dict) -> dict[str, int]:
    """The ids of a vocabulary file, or of the tokens that a tokenizer.json adds to its merges'."""
    if "added_tokens" not in content:
        return content
    return {token["content"]: token["id"] for token in content["added_tokens"]}
