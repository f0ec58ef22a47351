"""GPT-2's vocabulary from its files, whichever of the three ways it was saved."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from cutaway.disk import settle_files
from cutaway.errors import NotText, TokenizerError, TokenizerFileError
from cutaway.reading import (
    LETTERS,
    NOT_UNPICKLED,
    bytes_of,
    expect_file,
    parsed_json,
    readable,
)
from cutaway.tokenizer.bytes import FIRST_TOKENS, from_letters, letters
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.pretokens import compiled_pattern
from cutaway.tokenizer.settings import BESIDE, WHOLE, check_settings, special_tokens
from cutaway.tokenizer.special import looks_special
from cutaway.tokenizer.text import check_text
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

Made = TypeVar("Made")
Maker = Callable[[tuple[bytes, ...], tuple[Pair, ...], Mapping[str, int], TokenizerRule], Made]

# The vocabulary's file and the merges' beside it, in the order in which a folder is searched.
FILE_PAIRS = {"vocab.json": "merges.txt", "encoder.json": "vocab.bpe"}
MOST_BYTES = 32_000_000  # GPT-2's vocabulary has 1,042,301


def read_tokenizer(path: Path, make: Maker[Made]) -> Made:
    """What `make(vocabulary, merges, special, rule)` gives for the files at `path`.

    path     a folder, or one of its files
    Raises:  TokenizerFileError saying which file, and what is wrong in it
    """
    if not path.exists():
        raise TokenizerFileError(f"There is no file or folder {str(path)!r}.")
    if not path.is_dir():
        expect_file(path, TokenizerFileError)
        return _read_file(path, make)
    settle_files(path)
    for name in ("tokenizer.json", *FILE_PAIRS):
        if (path / name).is_file():
            return _read_file(path / name, make)
    if (path / LETTERS).is_file():
        raise TokenizerFileError(NOT_UNPICKLED.format(file=path / LETTERS))
    raise TokenizerFileError(
        f"The folder {str(path)!r} holds no tokenizer. One of these is expected: tokenizer.json, "
        "or vocab.json with merges.txt, or encoder.json with vocab.bpe.")


def _read_file(path: Path, make: Maker[Made]) -> Made:
    for vocabulary, merges in FILE_PAIRS.items():
        if path.name in (vocabulary, merges):
            return _read_pair(path.with_name(vocabulary), path.with_name(merges), make)
    return _read_tokenizer_json(path, make)


def _read_pair(vocabulary_file: Path, merges_file: Path, make: Maker[Made]) -> Made:
    for file in (vocabulary_file, merges_file):
        if not file.is_file():
            raise TokenizerFileError(
                f"{file.name} is missing in {str(file.parent)!r}: {vocabulary_file.name} and "
                f"{merges_file.name} are one tokenizer. Put both into the folder.")
    names = _read_json(vocabulary_file)
    merges = _read_merges(merges_file)
    return _make(f"{vocabulary_file.name} and {merges_file.name}", names, merges,
                 _beside(vocabulary_file), make)


def _beside(file: Path) -> dict[str, dict[str, Any]]:
    """What is in the files beside a vocabulary that have a say in it, by their names."""
    return {name: _read_json(file.with_name(name)) for name in BESIDE
            if name != WHOLE and file.with_name(name).is_file()}


def _read_merges(file: Path) -> list[Sequence[str]]:
    lines = _read_text(file).split("\n")
    if lines[0].startswith("#version"):
        lines[0] = ""
    merges: list[Sequence[str]] = []
    for number, line in enumerate(lines, start=1):
        pair = line.rstrip("\r").split(" ")
        if len(pair) == 2 and all(pair):
            merges.append(pair)
        elif line.strip():
            raise TokenizerFileError(
                f"{file.name}, line {number:,}: {line!r} is no merge. Two tokens with one space "
                "between them are expected. The file may be cut off: get it again.")
    return merges


def _read_tokenizer_json(file: Path, make: Maker[Made]) -> Made:
    content = _read_json(file)
    model = content.get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict):
        _not_a_tokenizer(file)
    try:
        merges = [_pair(merge) for merge in model["merges"]]
    except (KeyError, TypeError, ValueError):
        _not_a_tokenizer(file)
    rule, content = _cut_apart(file, content)
    return _make(file.name, model["vocab"], merges, {WHOLE: content, **_beside(file)}, make,
                 rule=rule)


def _cut_apart(file: Path, content: dict[str, Any]) -> tuple[TokenizerRule, dict[str, Any]]:
    """How a tokenizer.json cuts texts, and what it says besides as if GPT-2's pattern cut them.

    Raises:  TokenizerFileError for a pattern that is none
    """
    match content.get("pre_tokenizer"):
        case {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated",
                 "invert": False}, {"type": "ByteLevel", "use_regex": False, **byte_level}]}:
            import regex

            try:
                compiled_pattern(pattern)
            except regex.error as error:
                raise TokenizerFileError(f"{file.name}: the pattern that cuts texts cannot be read "
                                         f"({error}). Get the file again.") from error
            rule = GPT2_RULE if pattern == GPT2_RULE.pattern else TokenizerRule(pattern)
            return rule, {**content, "pre_tokenizer": {**byte_level, "type": "ByteLevel"}}
    return GPT2_RULE, content


def _pair(merge: Any) -> Sequence[str]:
    """The two tokens of a merge, which newer files have as a list and older ones as one text."""
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return str(left), str(right)


def _make(source: str, names: Mapping[str, Any], merges: Sequence[Sequence[str]],
          contents: Mapping[str, Mapping[str, Any]], make: Maker[Made], *,
          rule: TokenizerRule = GPT2_RULE) -> Made:
    """What `make` gives, with the file's name in front of its complaints.

    contents  the files that have a say in how the vocabulary is used, by their names
    """
    made = {left + right for left, right in merges} | {letters(token) for token in FIRST_TOKENS}
    check_settings(contents)
    try:
        added = special_tokens(contents, names, made)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TokenizerFileError(
            f"{' or '.join(contents)} is damaged: a token in it has no text or no id. Get it "
            "again.") from error
    try:
        special = {name: id for name, id in names.items()
                   if name not in made and looks_special(name)} | added
        tokens = {**names, **special}
        by_id = _by_id(tokens)
        vocabulary = tuple(
            check_text(name).encode("utf-8") if name in special else from_letters(name)
            for name in by_id)
        pairs = tuple((from_letters(left), from_letters(right)) for left, right in merges)
        return make(vocabulary, pairs, special, rule)
    except (TokenizerError, NotText) as error:
        raise TokenizerFileError(f"{source}: {error}") from error


def _by_id(names: Mapping[str, Any]) -> list[str]:
    """The tokens' names in the order of their ids, which must be 0, 1, 2, ... without a gap."""
    place: dict[int, str] = {}
    for name, id in names.items():
        if isinstance(id, bool) or not isinstance(id, int) or not 0 <= id < len(names):
            raise TokenizerError(
                f"the token {name!r} has the id {id!r}; with {len(names):,} tokens, whole numbers "
                f"from 0 to {len(names) - 1} without a gap are expected.")
        if id in place:
            raise TokenizerError(f"the tokens {place[id]!r} and {name!r} have the same id {id}; "
                                 "every id has one token. Get the file again.")
        place[id] = name
    return [place[id] for id in range(len(names))]


def _read_json(file: Path) -> dict[str, Any]:
    text = _read_text(file)
    with readable(file.name, TokenizerFileError, "{name} is no JSON: {reason}. The file may be cut "
                  "off: get it again."):
        content = parsed_json(text)
    if not isinstance(content, dict):
        _not_a_tokenizer(file)
    return content


def _read_text(file: Path) -> str:
    try:
        with readable(file.name, TokenizerFileError):
            content = bytes_of(file, MOST_BYTES)
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TokenizerFileError(
            f"{file.name} is no UTF-8 text: byte 0x{error.object[error.start]:02X} at place "
            f"{error.start:,}. The file is damaged, or is something else: get it again.") from error
    except OSError as error:
        raise TokenizerFileError(
            f"{file.name} cannot be read: {error.strerror}. Look at the file's permissions, or "
            "take a copy of your own.") from error


def _not_a_tokenizer(file: Path) -> NoReturn:
    raise TokenizerFileError(
        f"{file.name} is JSON, but no tokenizer: a vocabulary (text to id), and in tokenizer.json "
        "the merges beside it, are expected. Name a tokenizer's file, or its folder.")
