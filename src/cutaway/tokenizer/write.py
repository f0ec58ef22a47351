"""A tokenizer as files that other programs open: Hugging Face's, and OpenAI's own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cutaway.disk import whole_files
from cutaway.tokenizer.bytes import letters
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.special import END_OF_TEXT
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

NOT_WRITTEN = ("The tokenizer could not be written to {place!r}: {reason}. What was there before "
               "is unchanged. Make room, or choose another folder.")


def hugging_face_files(vocabulary: Sequence[bytes], merges: Sequence[Pair],
                       special: Mapping[str, int], rule: TokenizerRule) -> dict[str, str]:
    """The text of every file, by name, with which `transformers` and `tokenizers` open it."""
    names = _ids_by_name(vocabulary, special)
    return {
        "vocab.json": _json(names),
        "merges.txt": _merges_text(merges),
        "tokenizer.json": _json(_tokenizer_json(names, merges, special, rule)),
        "tokenizer_config.json": _json(_tokenizer_config(special)),
    }


def openai_files(vocabulary: Sequence[bytes], merges: Sequence[Pair],
                 special: Mapping[str, int]) -> dict[str, str]:
    """The text of the two files that OpenAI published GPT-2's vocabulary in, by name."""
    return {"encoder.json": json.dumps(_ids_by_name(vocabulary, special)),
            "vocab.bpe": _merges_text(merges)}


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Writes all the files or none.

    Raises:  DiskError when that fails; files that were there are unchanged
    """
    with whole_files(folder, NOT_WRITTEN) as draft:
        for name, text in files.items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")


def _ids_by_name(vocabulary: Sequence[bytes], special: Mapping[str, int]) -> dict[str, int]:
    marks = {id: text for text, id in special.items()}
    return {marks.get(id) or letters(token): id for id, token in enumerate(vocabulary)}


def _merges_text(merges: Sequence[Pair]) -> str:
    lines = (f"{letters(left)} {letters(right)}\n" for left, right in merges)
    return "#version: 0.2\n" + "".join(lines)


def _tokenizer_json(names: Mapping[str, int], merges: Sequence[Pair],
                    special: Mapping[str, int], rule: TokenizerRule) -> dict[str, Any]:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    cut = byte_level if rule == GPT2_RULE else {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": rule.pattern}, "behavior": "Isolated",
         "invert": False}, byte_level | {"use_regex": False}]}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": id, "content": text, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True} for text, id in special.items()],
        "normalizer": None,
        "pre_tokenizer": cut,
        "post_processor": byte_level | {"trim_offsets": False},
        "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, "vocab": names,
            "merges": [[letters(left), letters(right)] for left, right in merges]},
    }


def _tokenizer_config(special: Mapping[str, int]) -> dict[str, Any]:
    """What `AutoTokenizer` wants to know: GPT-2 begins and ends a text with the same token."""
    ends = {"bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT} if END_OF_TEXT in special else {}
    return {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False,
            **ends}


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
