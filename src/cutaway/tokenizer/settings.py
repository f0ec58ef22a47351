"""What the files of a tokenizer may ask for beside its tokens: followed, refused, or of no effect.

GPT-2's tokenizer has no settings. The files in which Hugging Face's libraries keep one have many,
and some of them change the ids. `ONLY` lists those, with the values that Cutaway calculates with;
another value is refused by its name. What is not listed changes no id.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from cutaway.errors import TokenizerFileError
from cutaway.tokenizer.special import looks_special
from cutaway.words import in_one_line

# The files beside a vocabulary that `transformers` reads as well.
WHOLE, CONFIG, SPECIAL, ADDED = BESIDE = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")

# By file and by the path in it: the values that give GPT-2's ids. None is also "not there".
# Source: tokenizers' BPE, ByteLevel and AddedToken; transformers' TokenizersBackend, GPT2Tokenizer.
ONLY: dict[str, dict[str, tuple[Any, ...]]] = {
    WHOLE: {
        "model.type": ("BPE", None),
        "normalizer": (None,),
        "pre_tokenizer.type": ("ByteLevel",),
        "pre_tokenizer.add_prefix_space": (False,),
        "pre_tokenizer.use_regex": (True, None),
        "model.continuing_subword_prefix": (None, ""),
        "model.end_of_word_suffix": (None, ""),
        "model.ignore_merges": (False, None),
        "model.dropout": (None, 0),
        "decoder.type": ("ByteLevel", None),
    },
    CONFIG: {
        "add_prefix_space": (False, None),
        "add_bos_token": (False, None),
        "add_eos_token": (False, None),
        "split_special_tokens": (False, None),
    },
}
# What a vocabulary with merges beside it is read as; a tokenizer.json says by itself what it is.
CLASSES = (None, "GPT2Tokenizer", "GPT2TokenizerFast", "PreTrainedTokenizer",
           "PreTrainedTokenizerFast", "TokenizersBackend")
# Special tokens by name, in tokenizer_config.json and special_tokens_map.json.
NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
SEVERAL = ("additional_special_tokens", "extra_special_tokens")
# What an added token may ask for, each of which changes the text around it.
FLAGS = ("lstrip", "rstrip", "single_word")


def check_settings(contents: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse the first setting that would change the ids.

    contents  what is in each of the files that are there, by the file's name
    Raises:   TokenizerFileError naming the setting
    """
    for file, content in contents.items():
        for path, allowed in ONLY.get(file, {}).items():
            found = _at(content, path)
            if not any(found == one and isinstance(found, bool) == isinstance(one, bool)
                       for one in allowed):
                raise _refusal(file, path.removesuffix(".type").rpartition(".")[2], found,
                               repr(allowed[0]))
    whole, config = contents.get(WHOLE), contents.get(CONFIG, {})
    if whole is None and config.get("tokenizer_class") not in CLASSES:
        raise _refusal(CONFIG, "tokenizer_class", config["tokenizer_class"], repr(CLASSES[1]))
    if whole is not None and not _adds_nothing(whole.get("post_processor")):
        raise _refusal(WHOLE, "post_processor", whole["post_processor"],
                       "what adds no token to a text")


def special_tokens(contents: Mapping[str, Mapping[str, Any]], names: Mapping[str, Any],
                   made: Set[str]) -> dict[str, Any]:
    """The special tokens that the files name or add, with their ids.

    A mark such as <pad> that has no id is left out: no row of the model stands for it.

    contents  what is in each of the files that are there, by the file's name
    names     the vocabulary's tokens with their ids
    made      those of them that are a byte or that a merge makes
    Raises:   TokenizerFileError for a token that cuts texts in another way than a special one
    """
    called = {token["content"] for file in (CONFIG, SPECIAL)
              for token in _called(contents.get(file, {}))}
    found: dict[str, Any] = {}
    for file, token, id in _added(contents):
        text = token["content"]
        known = found.get(text, names.get(text))
        special = text in called or token.get("special")
        if text in made or not (looks_special(text) or (special and (known, id) != (None, None))):
            raise TokenizerFileError(
                f"{file} has {_short(text)} cut out of every text before its merges. Cutaway knows "
                f"special tokens only, which no text gives by itself: the ids of a text with "
                f"{_short(text)} would come out wrong.")
        if known is not None and id is not None and known != id:
            raise TokenizerFileError(
                f"{file} gives the token {_short(text)} the id {_short(id)}, and the vocabulary "
                f"{_short(known)}. Take all files from one place.")
        for flag in FLAGS:
            if token.get(flag):
                raise _refusal(file, f"{flag} of {_short(text)}", token[flag], "False")
        if (known := id if known is None else known) is not None:
            found[text] = known
    return found


def _refusal(file: str, name: str, found: Any, expected: str) -> TokenizerFileError:
    return TokenizerFileError(
        f"{file} is no tokenizer of GPT-2's kind: {name} is {_short(found)}, and Cutaway can only "
        f"do {expected}. Its ids would come out wrong.")


def _short(value: Any) -> str:
    """A stranger's value as a message shows it: not longer than a line."""
    return in_one_line(repr(value), 80)


def _at(content: Mapping[str, Any], path: str) -> Any:
    found: Any = content
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _adds_nothing(processor: Any) -> bool:
    """Whether a post-processor leaves the ids of a single text as they are."""
    if not isinstance(processor, Mapping):
        return processor is None
    parts = processor.get("processors"), processor.get("single")
    match processor.get("type"), *parts:
        case "Sequence", [*parts], _:
            return all(map(_adds_nothing, parts))
        case "TemplateProcessing", _, [{"Sequence": _}]:
            return True
    return processor.get("type") == "ByteLevel"


def _added(contents: Mapping[str, Mapping[str, Any]]
           ) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Every token that a file adds: the file, the token's record, and its id; None without one."""
    for token in contents.get(WHOLE, {}).get("added_tokens") or ():
        yield WHOLE, token, token["id"]
    for id, token in (contents.get(CONFIG, {}).get("added_tokens_decoder") or {}).items():
        yield CONFIG, token, int(id)
    for text, id in contents.get(ADDED, {}).items():
        yield ADDED, {"content": text}, id
    for file in (CONFIG, SPECIAL):
        for token in _called(contents.get(file, {})):
            yield file, token, None


def _called(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The tokens that a file calls by a name, each as the record of an added token."""
    values = [content.get(name) for name in NAMED]
    for name in SEVERAL:
        several = content.get(name) or ()
        values += several.values() if isinstance(several, dict) else several
    for value in values:
        if value is not None:
            yield {**({"content": value} if isinstance(value, str) else value), "special": True}
