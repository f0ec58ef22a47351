"""Every setting of a tokenizer's files: followed, refused by its name, or without effect.

The ids are those that `transformers` gives for the same folder.
"""

import json
import random
from pathlib import Path

import pytest
import tokenizers
import transformers
from tokenizers import AddedToken, decoders, models, pre_tokenizers, processors

from cutaway.errors import TokenizerFileError
from cutaway.tokenizer import Tokenizer
from cutaway.tokenizer.settings import ADDED, CONFIG, ONLY, SPECIAL, WHOLE
from tests.tokenizer.oracles import fuzzed_strings

TEXT = "the theth<|endoftext|> the Fox-trot the 日 end"
END = {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}
SEQUENCE = {"Sequence": {"id": "A", "type_id": 0}}


def template(*single: dict) -> dict:
    return {"type": "TemplateProcessing", "single": list(single), "pair": [SEQUENCE],
            "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [259],
                                                 "tokens": ["<|endoftext|>"]}}}


# Another value for each setting that changes the ids: by file and path, as in ONLY.
OTHERS = {
    (WHOLE, "model.type"): "WordPiece",
    (WHOLE, "normalizer"): {"type": "Lowercase"},
    (WHOLE, "pre_tokenizer.type"): "Whitespace",
    (WHOLE, "pre_tokenizer.add_prefix_space"): True,
    (WHOLE, "pre_tokenizer.use_regex"): False,
    (WHOLE, "model.continuing_subword_prefix"): "##",
    (WHOLE, "model.end_of_word_suffix"): "</w>",
    (WHOLE, "model.ignore_merges"): True,
    (WHOLE, "model.dropout"): 0.9,
    (WHOLE, "decoder.type"): "WordPiece",
    (CONFIG, "add_prefix_space"): True,
    (CONFIG, "add_bos_token"): True,
    (CONFIG, "add_eos_token"): True,
    (CONFIG, "split_special_tokens"): True,
}
NO_EFFECT = [
    (WHOLE, "version", "1.0"),
    (WHOLE, "truncation", {"direction": "Right", "max_length": 3, "strategy": "LongestFirst",
                           "stride": 0}),
    (WHOLE, "padding", {"strategy": {"Fixed": 40}, "direction": "Right", "pad_to_multiple_of": None,
                        "pad_id": 259, "pad_type_id": 0, "pad_token": "<|endoftext|>"}),
    (WHOLE, "pre_tokenizer.trim_offsets", False), (WHOLE, "decoder.trim_offsets", False),
    (WHOLE, "decoder.add_prefix_space", True), (WHOLE, "decoder.use_regex", False),
    (WHOLE, "model.unk_token", "<|endoftext|>"), (WHOLE, "model.fuse_unk", True),
    (WHOLE, "model.byte_fallback", True), (WHOLE, "model.dropout", 0.0),
    (WHOLE, "post_processor", None), (WHOLE, "post_processor", template(SEQUENCE)),
    (WHOLE, "post_processor", {"type": "Sequence", "processors": [template(SEQUENCE)]}),
    *((CONFIG, *setting) for setting in {
        "model_max_length": 3, "clean_up_tokenization_spaces": True, "errors": "strict",
        "padding_side": "left", "truncation_side": "left", "do_lower_case": True,
        "trim_offsets": False, "use_fast": False, "legacy": True, "chat_template": "{{ x }}",
        "name_or_path": "x", "model_input_names": ["input_ids"], "max_length": 3,
        "return_token_type_ids": True, "pad_token": "<|endoftext|>", "add_prefix_space": False,
        "add_bos_token": False}.items()),
    (SPECIAL, "bos_token", "<|endoftext|>"),
    (SPECIAL, "eos_token", {"content": "<|endoftext|>", "lstrip": False, "rstrip": False,
                            "single_word": False, "normalized": True}),
]


@pytest.fixture
def folder(small, tmp_path):
    """The small tokenizer as `transformers` knows GPT-2's."""
    small.save(tmp_path)
    put(tmp_path, CONFIG, "tokenizer_class", "GPT2Tokenizer")
    return tmp_path


def put(folder: Path, file: str, path: str, value) -> None:
    content = json.loads((folder / file).read_text("utf-8")) if (folder / file).is_file() else {}
    *outer, last = path.split(".")
    place = content
    for name in outer:
        place = place[name]
    place[last] = value
    (folder / file).write_text(json.dumps(content), encoding="utf-8")


def theirs(folder: Path, text: str = TEXT) -> list[int]:
    return transformers.AutoTokenizer.from_pretrained(folder).encode(text)


def refusal(folder: Path) -> str:
    with pytest.raises(TokenizerFileError) as error:
        Tokenizer.open(folder)
    return str(error.value)


def test_every_setting_that_changes_ids_has_another_value_here():
    assert OTHERS.keys() == {(file, path) for file, settings in ONLY.items() for path in settings}


@pytest.mark.parametrize(("file", "path"), OTHERS)
def test_a_setting_that_would_change_the_ids_is_refused_by_its_name(folder, file, path):
    put(folder, file, path, OTHERS[file, path])
    message = refusal(folder)
    assert message.startswith(f"{file} is no tokenizer of GPT-2's kind: ")
    assert path.removesuffix(".type").rpartition(".")[2] in message


@pytest.mark.parametrize("path", [path for file, path in OTHERS if file == CONFIG])
@pytest.mark.parametrize("pair", [False, True], ids=["tokenizer.json", "vocab.json"])
def test_what_is_refused_beside_the_vocabulary_does_change_ids(folder, small, path, pair):
    if pair:
        (folder / WHOLE).unlink()
    assert theirs(folder) == small.encode_with_special(TEXT)
    put(folder, CONFIG, path, OTHERS[CONFIG, path])
    if pair or path not in ("add_bos_token", "add_eos_token"):  # there the post-processor has it
        assert theirs(folder) != small.encode_with_special(TEXT)
    assert path in refusal(folder)


@pytest.mark.parametrize("processor", [
    template(END, SEQUENCE), template(SEQUENCE, END),
    {"type": "Sequence", "processors": [{"type": "ByteLevel", "add_prefix_space": False,
                                         "trim_offsets": True, "use_regex": True},
                                        template(END, SEQUENCE)]},
    {"type": "BertProcessing", "sep": ["<|endoftext|>", 259], "cls": ["<|endoftext|>", 259]},
    {"type": "RobertaProcessing", "sep": ["<|endoftext|>", 259], "cls": ["<|endoftext|>", 259],
     "trim_offsets": True, "add_prefix_space": False}])
def test_a_post_processor_that_adds_tokens_is_refused(folder, small, processor):
    put(folder, WHOLE, "post_processor", processor)
    assert theirs(folder) != small.encode_with_special(TEXT)
    assert "post_processor" in refusal(folder)


@pytest.mark.parametrize(("file", "path", "value"), NO_EFFECT)
def test_a_setting_without_effect_changes_nothing(folder, small, file, path, value):
    put(folder, file, path, value)
    ids = transformers.AutoTokenizer.from_pretrained(folder)(TEXT, padding=False)["input_ids"]
    assert ids == small.encode_with_special(TEXT)
    assert Tokenizer.open(folder) == small


def test_a_vocabulary_of_another_algorithm_is_refused_where_nothing_else_says_so(folder, small):
    put(folder, CONFIG, "tokenizer_class", "LlamaTokenizer")
    assert Tokenizer.open(folder) == small  # tokenizer.json says what it is
    (folder / WHOLE).unlink()
    assert "tokenizer_class is 'LlamaTokenizer'" in refusal(folder)


# ---- Tokens that a file adds -----------------------------------------------------------------

MARK = {"id": 260, "content": "Fox-trot", "single_word": False, "lstrip": False, "rstrip": False,
        "normalized": False, "special": True}


def add(folder: Path, **changed) -> None:
    content = json.loads((folder / WHOLE).read_text("utf-8"))
    put(folder, WHOLE, "added_tokens", [*content["added_tokens"], {**MARK, **changed}])


def test_an_added_special_token_is_followed(folder):
    add(folder)
    opened = Tokenizer.open(folder)
    assert opened.special["Fox-trot"] == 260
    assert opened.encode_with_special(TEXT) == theirs(folder)


@pytest.mark.parametrize("changed", [{"special": False}, {"lstrip": True}, {"rstrip": True},
                                     {"single_word": True}, {"content": "the", "id": 256}])
def test_an_added_token_that_cuts_in_another_way_is_refused(folder, small, changed):
    add(folder, **changed)
    assert changed.get("content", "Fox-trot") in refusal(folder)


@pytest.mark.parametrize("pair", [False, True], ids=["tokenizer.json", "vocab.json"])
@pytest.mark.parametrize("added", [
    (ADDED, "Fox-trot", 260),
    (CONFIG, "added_tokens_decoder", {"260": {**MARK, "special": False}}),
    (CONFIG, "eos_token", "the"), (CONFIG, "extra_special_tokens", {"dance": "the"}),
    (SPECIAL, "additional_special_tokens", ["the"]), (SPECIAL, "mask_token", {"content": "the"})])
def test_a_token_beside_the_vocabulary_that_cuts_every_text_is_refused(folder, small, pair, added):
    if pair:
        (folder / WHOLE).unlink()
    put(folder, *added)
    file, *_ = added
    assert theirs(folder) != small.encode_with_special(TEXT)
    assert file in refusal(folder)


@pytest.mark.parametrize("pair", [False, True], ids=["tokenizer.json", "vocab.json"])
@pytest.mark.parametrize(("file", "path", "value"), [
    (ADDED, "<pad>", 260), (CONFIG, "added_tokens_decoder", {"260": {**MARK, "content": "<pad>"}})])
def test_a_special_token_beside_the_vocabulary_is_followed(folder, pair, file, path, value):
    if pair:
        (folder / WHOLE).unlink()
    put(folder, file, path, value)
    put(folder, SPECIAL, "pad_token", "<pad>")
    opened = Tokenizer.open(folder)
    assert opened.special == {"<|endoftext|>": 259, "<pad>": 260}
    text = "the<pad> end<|endoftext|>"
    assert opened.encode_with_special(text) == theirs(folder, text)


def test_a_name_for_a_token_without_a_row_adds_none(folder, small):
    put(folder, CONFIG, "pad_token", "[PAD]")
    assert Tokenizer.open(folder) == small
    assert theirs(folder) == small.encode_with_special(TEXT)


def test_two_ids_for_one_added_token_are_refused(folder):
    put(folder, ADDED, "<|endoftext|>", 7)
    assert "the id 7, and the vocabulary 259" in refusal(folder)


@pytest.mark.parametrize(("file", "content"), [
    (CONFIG, {"added_tokens_decoder": {"x": {}}}), (CONFIG, {"added_tokens_decoder": [5]}),
    (SPECIAL, {"eos_token": 5}), (SPECIAL, {"additional_special_tokens": 5}),
    (CONFIG, {"bos_token": {"text": "<s>"}}), (SPECIAL, {"eos_token": {"content": ["a"]}})])
def test_records_of_tokens_that_are_none_are_refused(folder, file, content):
    (folder / file).write_text(json.dumps(content), encoding="utf-8")
    assert file in refusal(folder)


# ---- Any of them together --------------------------------------------------------------------

STRINGS = [
    *fuzzed_strings(40, seed=5), "the Fox-trot", " <pad> the", "the<|endoftext|>the",
    "Fox-trots the", "  the  ", "", "<mask> the <mask>", "THE the ＴＨＥ", "é é", "theFox-trotthe"]


def made_by_their_libraries(chance: random.Random, folder: Path) -> None:
    """A byte-level tokenizer with settings drawn at random, saved by `transformers`."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = chance.sample([("t", "h"), ("th", "e"), ("Ġ", "the"), ("e", "n"), ("o", "x"),
                            ("Ġ", "Ġ"), ("F", "ox")], 4)
    merges = [pair for pair in merges if all(len(part) == 1 for part in pair)] or [("t", "h")]
    tokens = [*letters, *("".join(pair) for pair in merges)]
    if chance.random() < 0.7:
        tokens.insert(chance.choice((0, len(tokens))), "<|endoftext|>")
    whole = tokenizers.Tokenizer(models.BPE(
        {token: id for id, token in enumerate(tokens)}, merges,
        dropout=chance.choice((None, None, None, 0.5)),
        ignore_merges=chance.random() < 0.05, fuse_unk=chance.random() < 0.5))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=chance.random() < 0.1, trim_offsets=chance.random() < 0.5,
        use_regex=chance.random() < 0.9)
    whole.decoder = decoders.ByteLevel()
    if chance.random() < 0.3:
        whole.post_processor = processors.ByteLevel(trim_offsets=False)
    if "<|endoftext|>" in tokens:
        whole.add_special_tokens(["<|endoftext|>"])
    for text in ("<pad>", "<mask>", "Fox-trot"):
        if chance.random() < 0.3:
            whole.add_tokens([AddedToken(text, special=chance.random() < 0.8,
                                         lstrip=chance.random() < 0.1,
                                         rstrip=chance.random() < 0.1)])
    if chance.random() < 0.15 and (end := whole.token_to_id("<|endoftext|>")) is not None:
        whole.post_processor = processors.TemplateProcessing(
            single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", end)])
    if chance.random() < 0.2:
        whole.enable_truncation(5)
    names = {name: token for name, token in (
        ("eos_token", "<|endoftext|>"), ("pad_token", "<pad>"), ("mask_token", "<mask>"))
        if whole.token_to_id(token) is not None and chance.random() < 0.6}
    kind = chance.choice((transformers.PreTrainedTokenizerFast, None))
    if kind is None:
        whole.save(str(folder / WHOLE))
    else:
        kind(tokenizer_object=whole, **names).save_pretrained(folder)


def test_any_settings_together_give_the_same_ids_or_are_refused_by_name(tmp_path):
    opened, refused = 0, 0
    for seed in range(200):
        folder = tmp_path / str(seed)
        folder.mkdir()
        made_by_their_libraries(random.Random(seed), folder)
        try:
            ours = Tokenizer.open(folder)
        except TokenizerFileError as error:
            assert str(error).startswith(("tokenizer.json", "tokenizer_config.json")), error
            refused += 1
            continue
        opened += 1
        peer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
        for text in STRINGS:
            assert ours.encode_with_special(text) == peer.encode(text), (seed, text)
    assert opened > 50 and refused > 50
