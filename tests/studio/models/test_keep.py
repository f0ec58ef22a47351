"""Dropped files become a model of the store, whole or not at all."""

import shutil

import pytest

from cutaway.errors import WorkerError
from cutaway.weights import Store
from tests.studio.dropping import (
    HPARAMS,
    N_TOKENS,
    PlayedBook,
    run,
    speaking,
    state_of,
    words_of,
    write_csvs,
)
from tests.weights import peers

TENSORS_OF_THE_TINY = 2 * 12 + 4  # two blocks of twelve tensors, as OpenAI's checkpoint has them


def test_csv_files_with_one_missing_name_it_and_the_missing_one_makes_the_model(
        book, speaking_csvs, tokenizer, tmp_path, numbers):
    last = speaking_csvs.pop("h0.c_attn_w")
    found = run(book.drop(*speaking_csvs.values(), *(tokenizer / name for name in (
        "hparams.json", "vocab.json", "merges.txt"))))
    assert found["missing"] == ["h0.c_attn_w"] and not found["ready"]
    assert (len(found["tensors"]), found["there"]) == (TENSORS_OF_THE_TINY, 27)
    assert found["shape"]["said_by"] == "hparams.json" and found["tokenizer"]["state"] == "there"
    found = run(book.drop(last, upload=found["upload"]))
    assert found["missing"] == [] and found["ready"] and found["problems"] == []
    kept = run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    assert kept["model"]["name"] == "mine" and kept["model"]["has_tokenizer"]
    assert {"push": "models"} in book.pushed
    run(book.models.close())
    assert not (tmp_path / "models" / ".uploads").exists()

    after_a_restart = PlayedBook(tmp_path / "models")
    names = [model["name"] for model in run(after_a_restart.ask("models"))["models"]]
    assert names == ["storybook", "mine"]
    peers.assert_same(Store(tmp_path / "models").open("mine").weights, speaking(numbers))


def test_a_folder_that_transformers_wrote_is_ready_at_once(book, tmp_path, tokenizer):
    from transformers import GPT2Config, GPT2LMHeadModel

    peer = GPT2LMHeadModel(GPT2Config(vocab_size=N_TOKENS, n_positions=16, n_embd=8, n_layer=2,
                                      n_head=2))
    peer.save_pretrained(tmp_path / "hf")
    for name in ("vocab.json", "merges.txt", "tokenizer.json"):
        shutil.copy(tokenizer / name, tmp_path / "hf")
    found = run(book.drop(*sorted((tmp_path / "hf").iterdir())))
    assert found["ready"] and found["shape"]["said_by"] == "config.json"
    assert state_of(found, "model.safetensors") == "read"
    assert words_of(found, "config.json") == "says the model's shape"
    assert words_of(found, "generation_config.json") == "not needed"
    run(book.ask("upload_finish", upload=found["upload"], name="tiny"))
    weights = Store(tmp_path / "models").open("tiny").weights
    peers.assert_same(weights, {ours: peer.state_dict()[theirs].numpy()
                                for ours, (theirs, _) in peers.spellings().items()})


def test_files_that_are_no_whole_model_cannot_be_kept(book, csvs):
    del csvs["ln_f_g"]
    found = run(book.drop(*csvs.values(), HPARAMS))
    with pytest.raises(WorkerError, match="1 of the tensors that the model needs are missing: "
                                          "ln_f_g") as caught:
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    assert caught.value.kind == "MissingTensors"
    assert run(book.ask("upload_check", upload=found["upload"]))["missing"] == ["ln_f_g"]


def test_a_name_that_is_taken_asks_for_another_or_replaces(book, csvs, numbers, tmp_path):
    found = run(book.drop(*csvs.values(), HPARAMS))
    run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    doubled = {name: 2 * array for name, array in numbers.items()}
    found = run(book.drop(*write_csvs(tmp_path / "new", doubled).values(), HPARAMS))
    with pytest.raises(WorkerError, match="There is a model 'mine' already"):
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    peers.assert_same(Store(book.models.store_folder).open("mine").weights, numbers)
    run(book.ask("upload_finish", upload=found["upload"], name="mine", replace=True))
    peers.assert_same(Store(book.models.store_folder).open("mine").weights, doubled)


@pytest.mark.parametrize(("name", "message"), [
    ("../x", "cannot be a model's name"), ("<script>", "cannot be a model's name"),
    ("storybook", "comes with Cutaway"), ("", "cannot be a model's name")])
def test_a_name_that_cannot_be_is_refused_and_the_files_stay(book, csvs, name, message):
    found = run(book.drop(*csvs.values(), HPARAMS))
    with pytest.raises(WorkerError, match=message):
        run(book.ask("upload_finish", upload=found["upload"], name=name))
    assert run(book.ask("upload_check", upload=found["upload"]))["ready"]
