"""Every line of "bad input" as a user meets it: one clear message, exit status 1, no traceback."""

import json
import os
import shutil
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cutaway.tokenizer import Tokenizer
from tests.cli.conftest import PROMPT, write_model


def expect_mistake(result, *words):
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("cutaway: ")
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.fixture
def broken(tiny, tmp_path):
    """A copy of the tiny model that a test may spoil."""
    return shutil.copytree(tiny, tmp_path / "broken")


def spoil(folder, change):
    tensors = dict(load_file(folder / "model.safetensors"))
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def test_an_unknown_model(cutaway):
    expect_mistake(cutaway(PROMPT, "--model", "gtp2"), "'gtp2'", "Did you mean 'gpt2'",
                   "cutaway fetch")


def test_a_model_that_is_not_fetched_yet(cutaway):
    expect_mistake(cutaway(PROMPT, "--model", "gpt2"), "cutaway fetch gpt2")


def test_missing_tensors_are_all_named(cutaway, broken):
    def drop(tensors):
        del tensors["transformer.wpe.weight"], tensors["transformer.h.1.mlp.c_fc.bias"]

    spoil(broken, drop)
    expect_mistake(cutaway(PROMPT, "--model", broken), "wpe", "h1.c_fc_b")


def test_a_wrong_shape(cutaway, broken):
    def cut(tensors):
        tensors["transformer.wpe.weight"] = tensors["transformer.wpe.weight"][:, :4].copy()

    spoil(broken, cut)
    expect_mistake(cutaway(PROMPT, "--model", broken), "24 x 4", "24 x 8")


def test_nan_in_weights_is_named_when_they_are_added(cutaway, broken):
    def poison(tensors):
        tensors["transformer.h.0.ln_1.weight"][3] = np.nan

    spoil(broken, poison)
    expect_mistake(cutaway("add", broken), "h0.ln_1_g", "nan")


def test_a_truncated_file(cutaway, broken):
    file = broken / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    expect_mistake(cutaway(PROMPT, "--model", broken), "cut short")


def test_a_file_that_is_no_model(cutaway, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"hello")
    expect_mistake(cutaway(PROMPT, "--model", tmp_path / "model.safetensors"), "model.safetensors")


def test_a_file_that_is_no_zip(cutaway, tmp_path):
    (tmp_path / "weights.zip").write_bytes(b"hello")
    expect_mistake(cutaway("add", tmp_path / "weights.zip"), "weights.zip is no zip file")


def test_a_zip_that_climbs_out_of_its_folder(cutaway, tmp_path):
    with zipfile.ZipFile(tmp_path / "weights.zip", "w") as archive:
        archive.writestr("../model_wte.csv", "1,2")
    expect_mistake(cutaway("add", tmp_path / "weights.zip"), "'../model_wte.csv'", "outside")


def test_a_zip_bomb(cutaway, tmp_path):
    with zipfile.ZipFile(tmp_path / "weights.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model_wte.csv", b"0" * 200_000_000)
    expect_mistake(cutaway("add", tmp_path / "weights.zip"), "It was not opened")


def test_a_damaged_tokenizer(cutaway, broken):
    (broken / "tokenizer.json").unlink()
    (broken / "vocab.json").write_text("{", encoding="utf-8")
    expect_mistake(cutaway(PROMPT, "--model", broken), "vocab.json")


def test_an_empty_prompt_of_a_model_without_a_mark_between_texts(cutaway, tmp_path):
    tokenizer = Tokenizer.from_merges([], special=())
    tokenizer.save(tmp_path)
    write_model(tmp_path, len(tokenizer), seed=1)
    expect_mistake(cutaway("", "--model", tmp_path), "The prompt has no token")
    expect_mistake(cutaway("-", "--model", tmp_path, input=""), "The prompt has no token")
    expect_mistake(cutaway("generate", "", "--model", tmp_path), "The prompt has no token")


def test_a_prompt_that_is_too_long(cutaway, tiny):
    expect_mistake(cutaway("the " * 40, "--model", tiny), "24 positions", "Shorten it")


def test_a_prompt_of_bytes_that_are_no_utf8(cutaway, tiny):
    expect_mistake(cutaway("-", "--model", tiny, input=b"Mike \xff"), "0xFF", "not UTF-8")
    undecoded = os.fsdecode(b"Mike \xff")  # as Python gives it from the command line
    expect_mistake(cutaway(undecoded, "--model", tiny), "0xFF", "not UTF-8")


def test_a_prompt_with_a_lone_surrogate(cutaway, tiny):
    expect_mistake(cutaway("Mike \ud83c", "--model", tiny), "U+D83C", "lone surrogate")


def test_a_prompt_of_special_tokens_only_is_ordinary_text(cutaway, tiny):
    answer = json.loads(cutaway("<|endoftext|>", "--model", tiny, "--json").stdout)
    assert len(answer["tokens"]) > 1


@pytest.mark.parametrize(("options", "words"), [
    (("--top-p", "0"), "Top-p is 0.0"), (("--top-p", "1.5"), "Top-p is 1.5"),
    (("--top-k", "0"), "Top-k is 0"), (("--temperature", "-1"), "The temperature is -1.0"),
    (("--temperature", "nan"), "The temperature is nan"), (("--seed", "-1"), "The seed is -1"),
    (("--max-tokens", "-1"), "max_tokens is -1"),
])
def test_settings_outside_their_range(cutaway, tiny, options, words):
    expect_mistake(cutaway("generate", PROMPT, "--model", tiny, *options), words)
    expect_mistake(cutaway(PROMPT, "--model", tiny, *options), words)


def test_a_table_that_is_not_there(cutaway, tiny):
    expect_mistake(cutaway("show", "h1.atention", "--model", tiny), "Did you mean 'h1.attention'",
                   "cutaway steps")
    expect_mistake(cutaway("show", "h9.attention", "--model", tiny), "h9.attention")
    expect_mistake(cutaway("show", "h0.attention[head=1]x", "--model", tiny), "nothing more")


def test_a_step_that_reads_an_unknown_table(cutaway, tiny):
    expect_mistake(cutaway("edit", PROMPT, "h1.attention=softmax(scroes)", "--model", tiny),
                   "'scroes'", "Did you mean", "scores")


def test_a_formula_of_the_wrong_shape(cutaway, tiny):
    expect_mistake(cutaway("edit", PROMPT, "h1.attention=transpose(queries)", "--model", tiny),
                   "expected")


def test_a_csv_that_cannot_be_written(cutaway, tiny):
    expect_mistake(cutaway("show", "wpe", "--model", tiny, "--csv", "nowhere/wpe.csv"),
                   "nowhere/wpe.csv could not be written")


def test_a_full_disk_behind_an_export_leaves_what_was_there(cutaway, tiny, tmp_path, monkeypatch):
    import safetensors.numpy

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "config.json").write_text("the old one")
    monkeypatch.setattr(safetensors.numpy, "save_file", full)
    expect_mistake(cutaway("export", "out", "--model", tiny), "No space left on device",
                   "unchanged")
    assert (tmp_path / "out" / "config.json").read_text() == "the old one"


def test_a_verb_that_is_misspelled(cutaway):
    result = cutaway("tokns", "some text")
    assert result.exit_code == 2 and "Did you mean 'tokens'" in result.stderr


def test_a_prompt_without_quotes(cutaway):
    result = cutaway("Mike", "is", "quick.")
    assert result.exit_code == 2 and 'cutaway "Mike is quick."' in result.stderr


def test_a_bug_of_ours_is_owned(cutaway, tiny, monkeypatch):
    from cutaway.model import Model

    def buggy(*_, **__):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(Model, "run", buggy)
    result = cutaway(PROMPT, "--model", tiny)
    assert result.exit_code == 70
    assert "Traceback" in result.stderr and "this is a bug in Cutaway" in result.stderr


def test_nan_in_the_weights_is_named_wherever_the_model_is_used(cutaway, broken):
    def change(tensors):
        tensors["transformer.h.1.mlp.c_fc.weight"][0, 0] = np.nan
    spoil(broken, change)
    for verb in (["predict", PROMPT], ["generate", PROMPT], ["show", "logits", PROMPT]):
        expect_mistake(cutaway(*verb, "--model", str(broken)), "h1.c_fc_w", "nan at [0, 0]")


def test_tables_that_do_not_fit_into_the_memory_allowed_are_announced(cutaway):
    long = " ".join(["word"] * 200)
    result = cutaway("show", "h5.attention", long, "--memory", "30")
    assert result.exit_code == 0
    assert "30 MiB are allowed: some are calculated again" in result.stderr
    too_small = cutaway("show", "h5.attention", long, "--memory", "1")
    assert too_small.exit_code == 1
    assert "more than the memory budget of 1.0 MiB. Shorten the prompt" in too_small.stderr


def test_a_bracket_that_is_not_closed_is_told(cutaway, tiny):
    result = cutaway("show", "h0.attention[head=1", PROMPT, "--model", tiny)
    expect_mistake(result, "the bracket is not closed")


def test_a_card_that_is_not_utf8_harms_nothing(cutaway, broken):
    (broken / "README.md").write_bytes(b"caf\xe9")
    assert cutaway(PROMPT, "--model", str(broken)).exit_code == 0


def test_weights_without_a_tokenizer_say_where_it_belongs(cutaway, broken):
    for name in ("vocab.json", "merges.txt", "tokenizer.json", "tokenizer_config.json"):
        (broken / name).unlink(missing_ok=True)
    expect_mistake(cutaway(PROMPT, "--model", str(broken)), "no tokenizer", str(broken))


def test_a_tokenizer_of_another_model_is_told(cutaway, broken):
    from cutaway.tokenizer import Tokenizer

    (broken / "tokenizer.json").unlink()
    Tokenizer.from_merges([(b"a", b"b")]).save(broken)
    expect_mistake(cutaway(PROMPT, "--model", str(broken)), "258 tokens", "different models")


def test_models_of_different_vocabularies_are_not_compared(cutaway, tiny):
    expect_mistake(cutaway("compare", PROMPT, "--with", tiny), "different vocabularies")
