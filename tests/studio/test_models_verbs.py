"""What the page can ask of the models: list, remove, fetch, and take in what was dropped."""

import asyncio
import json
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from cutaway.errors import CutawayError, MessageError, ModelError, WorkerError, WorkerStopped
from cutaway.studio.model_process import ModelProcess
from cutaway.tokenizer import Tokenizer
from cutaway.weights import Store
from tests.studio.dropping import (
    HPARAMS,
    N_TOKENS,
    PlayedBook,
    speaking,
    wait_until,
    write_csvs,
    write_tokenizer,
)
from tests.weights import peers
from tests.weights.hub_server import Hub, running

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TENSORS_OF_THE_TINY = 2 * 12 + 4  # two blocks of twelve tensors, as OpenAI's checkpoint has them
TENSORS_OF_GPT2 = 148             # as GPT2LMHeadModel.state_dict() has, without the second lm_head


@pytest.fixture(scope="module")
def numbers():
    return peers.digits()


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def csvs(tmp_path, numbers):
    return write_csvs(tmp_path / "csvs", numbers)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """A folder with the files of a tokenizer, and hparams.json for a model of as many tokens."""
    return write_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture
def speaking_csvs(tmp_path, numbers):
    """CSV files of a model of as many tokens as `tokenizer` has."""
    return write_csvs(tmp_path / "speaking", speaking(numbers))


def run(work):
    return asyncio.run(work)


def state_of(found, name):
    return {file["name"]: file["state"] for file in found["files"]}[name]


def words_of(found, name):
    return {file["name"]: file["words"] for file in found["files"]}[name]


def test_the_bundled_model_is_listed_with_its_shape(book):
    answer = run(book.ask("models"))
    [storybook] = answer["models"]
    assert storybook == {
        "name": "storybook", "kept": "bundled", "problem": "", "parameters": 3_505_152,
        "bytes": 7_017_680, "n_layer": 6, "n_head": 6, "n_embd": 192, "n_positions": 256,
        "n_vocabulary": 4_096, "n_tensors": 76, "has_tokenizer": True}
    assert answer["store"] == str(book.desk.store_folder) and answer["fetch"] is None


def test_the_stores_folder_is_shown_as_people_write_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    book = PlayedBook(tmp_path / "data" / "models")
    assert run(book.ask("models"))["store"] == "~/data/models"


def test_the_tensors_of_a_model_are_listed_from_top_to_bottom(book):
    tensors = run(book.ask("model_tensors", name="storybook"))["tensors"]
    assert len(tensors) == 76
    assert [tensors[place]["name"] for place in (0, 1, 2, -1)] == ["wte", "wpe", "h0.ln_1_g",
                                                                  "ln_f_b"]
    assert tensors[0] == {"name": "wte", "axes": ["vocabulary", "embed"], "size": [4096, 192],
                          "dtype": "float16", "file": "model.safetensors",
                          "stored_as": "transformer.wte.weight"}


@pytest.mark.parametrize("name", ["/etc", "../models", "nothing", "."])
def test_a_path_is_no_model(book, name):
    with pytest.raises(WorkerError, match="There is no model") as caught:
        run(book.ask("model_tensors", name=name))
    assert caught.value.kind == "UnknownModel"


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
    run(book.desk.close())
    assert not (tmp_path / "models" / ".uploads").exists()

    after_a_restart = PlayedBook(tmp_path / "models")
    names = [model["name"] for model in run(after_a_restart.ask("models"))["models"]]
    assert names == ["storybook", "mine"]
    peers.assert_same(Store(tmp_path / "models").open("mine").weights, speaking(numbers))


def test_progress_names_each_file_that_is_read(book, csvs):
    found = run(book.drop(csvs["wte"], csvs["wpe"], HPARAMS))
    assert [one for one in book.pushed if one["push"] == "progress"] == [
        {"push": "progress", "upload": found["upload"], "what": f"reading {name}", "done": done,
         "of": 3, "unit": "files"}
        for done, name in enumerate(["model_wte.csv", "model_wpe.csv", "hparams.json"])]


def test_a_text_of_numbers_is_read_but_once(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    folder = book.desk.uploads.find(found["upload"]).folder
    before = {path: path.stat().st_mtime_ns for path in (folder / "read").iterdir()}
    assert len(before) == TENSORS_OF_THE_TINY
    run(book.ask("upload_check", upload=found["upload"]))
    assert {path: path.stat().st_mtime_ns for path in (folder / "read").iterdir()} == before


def test_a_zip_of_csv_files_is_looked_into(book, csvs, tmp_path):
    last = csvs.pop("wpe")
    with zipfile.ZipFile(tmp_path / "gpt2.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in csvs.values():
            archive.write(path, f"gpt2/{path.name}")
    found = run(book.drop(tmp_path / "gpt2.zip", HPARAMS))
    assert found["missing"] == ["wpe"]
    found = run(book.drop(last, upload=found["upload"]))
    assert found["ready"]


def test_a_zip_that_climbs_out_of_its_folder_is_refused(book, tmp_path):
    with zipfile.ZipFile(tmp_path / "gpt2.zip", "w") as archive:
        archive.writestr("../model_wte.csv", "1,2")
    found = run(book.drop(tmp_path / "gpt2.zip"))
    assert state_of(found, "gpt2.zip") == "refused"
    assert "lies outside of its folder: it was not opened" in words_of(found, "gpt2.zip")


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


def test_a_checkpoint_of_openai_needs_both_of_its_files(book, numbers):
    index, data = (peers.OPENAI / f"model.ckpt.{end}"
                   for end in ("index", "data-00000-of-00001"))
    found = run(book.drop(index, HPARAMS))
    assert "needs model.ckpt.data-00000-of-00001" in words_of(found, "model.ckpt.index")
    found = run(book.drop(data, upload=found["upload"]))
    assert found["ready"] and found["there"] == TENSORS_OF_THE_TINY


def test_a_picture_that_is_called_csv_is_named_and_the_others_stay(book, csvs, tmp_path):
    csvs["wte"].write_bytes(PNG)
    found = run(book.drop(*csvs.values(), HPARAMS))
    assert state_of(found, "model_wte.csv") == "refused"
    assert words_of(found, "model_wte.csv") == (
        "model_wte.csv is no table of numbers: it begins with bytes that are no text, as a picture "
        "or a program does. Drop the CSV file itself.")
    assert found["missing"] == ["wte"] and found["there"] == TENSORS_OF_THE_TINY - 1


def test_a_picture_that_is_called_safetensors_is_refused(book, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(PNG)
    found = run(book.drop(tmp_path / "model.safetensors"))
    assert "is no safetensors file" in words_of(found, "model.safetensors")
    assert found["tensors"] == [] and not found["ready"]


class Evil:
    """A pickle that makes a file when it is opened carelessly."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(("name", "protocol"), [
    ("pytorch_model.bin", 2), ("pytorch_model.bin", 4), ("model.safetensors", 2),
    ("model.safetensors", 4), ("wte.csv", 2), ("gpt2.zip", 4)])
def test_a_pickle_that_would_run_code_is_refused_under_any_name(book, tmp_path, name, protocol):
    (tmp_path / name).write_bytes(pickle.dumps(Evil(tmp_path / "ran"), protocol))
    found = run(book.drop(tmp_path / name))
    assert state_of(found, name) == "refused" and words_of(found, name).startswith(name)
    assert not (tmp_path / "ran").exists()


def test_a_csv_of_no_tensor_says_what_names_are_expected(book, csvs, tmp_path):
    (tmp_path / "sales.csv").write_text("1,2\n3,4\n")
    found = run(book.drop(tmp_path / "sales.csv", *csvs.values(), HPARAMS))
    assert words_of(found, "sales.csv") == (
        "sales.csv: no tensor of GPT-2 is called so. Names such as model_wte.csv and "
        "model_h0_attn_c_attn_w.csv are expected: rename the file.")
    assert found["ready"]


def test_a_number_that_is_not_finite_is_named(book, csvs):
    lines = csvs["wpe"].read_text().split("\n")
    lines[2] = "nan" + lines[2][lines[2].index(","):]
    csvs["wpe"].write_text("\n".join(lines))
    found = run(book.drop(*csvs.values(), HPARAMS))
    assert "wpe (1 of 128; the first is nan at [2, 0])" in words_of(found, "model_wpe.csv")


def test_a_tensor_of_a_wrong_shape_is_told_with_both_shapes(book, tmp_path, numbers, csvs):
    transposed = write_csvs(tmp_path / "other", numbers | {"h1.c_fc_w": numbers["h1.c_fc_w"].T})
    csvs["h1.c_fc_w"] = transposed["h1.c_fc_w"]
    found = run(book.drop(*csvs.values(), HPARAMS))
    [wrong] = [tensor for tensor in found["tensors"] if tensor["state"] == "wrong"]
    assert wrong["name"] == "h1.c_fc_w"
    assert wrong["words"] == ("32 x 8 in model_h1_mlp_c_fc_w.csv; 8 x 32 is expected: it is "
                              "transposed")
    assert not found["ready"]
    with pytest.raises(WorkerError, match=r"the dropped files: 'h1\.c_fc_w' is 32 x 8"):
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    assert Store(book.desk.store_folder).names() == []


def test_files_that_are_no_whole_model_cannot_be_kept(book, csvs):
    del csvs["ln_f_g"]
    found = run(book.drop(*csvs.values(), HPARAMS))
    with pytest.raises(WorkerError, match="1 of the tensors that the model needs are missing: "
                                          "ln_f_g") as caught:
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    assert caught.value.kind == "MissingTensors"
    assert run(book.ask("upload_check", upload=found["upload"]))["missing"] == ["ln_f_g"]


def test_without_a_config_the_user_says_the_number_of_heads(book, csvs):
    found = run(book.drop(*csvs.values()))
    assert found["shape"] == {
        "n_layer": 2, "n_head": None, "n_embd": 8, "n_positions": 16, "said_by": "the tensors",
        "vocab_size": json.loads(HPARAMS.read_text())["n_vocab"]}
    assert found["problems"] == ["The tensors do not tell how many heads the model has. Drop its "
                                 "config.json, or say the number."]
    assert not found["ready"]
    found = run(book.ask("upload_check", upload=found["upload"], n_head=3))
    assert found["problems"] == ["8 numbers of width cannot be split evenly into 3 heads."]
    found = run(book.ask("upload_check", upload=found["upload"], n_head=2))
    assert found["ready"]
    run(book.ask("upload_finish", upload=found["upload"], name="mine", n_head=2))
    assert Store(book.desk.store_folder).open("mine").config.n_head == 2


def gpt2_small_csv(folder, **tables):
    """CSV files as wide as GPT-2 small, with as few rows as the names allow."""
    folder.mkdir()
    for name, shape in tables.items():
        np.savetxt(folder / f"model_{name}.csv", np.zeros(shape), fmt="%g", delimiter=",")
    return sorted(folder.iterdir())


def test_the_first_vectors_of_gpt2_small_make_a_list_of_its_148_tensors(book, tmp_path):
    found = run(book.drop(*gpt2_small_csv(tmp_path / "csv", ln_f_g=(1, 768), ln_f_b=(1, 768))))
    assert found["shape"] == {"n_layer": 12, "n_head": 12, "n_embd": 768, "n_positions": 1024,
                              "vocab_size": 50257, "said_by": "the tensors"}
    assert (len(found["tensors"]), found["there"]) == (TENSORS_OF_GPT2, 2)
    assert found["missing"][:3] == ["wte", "wpe", "h0.ln_1_g"]


def test_fewer_blocks_than_the_published_model_has_are_remarked_on(book, tmp_path):
    files = gpt2_small_csv(tmp_path / "csv", ln_f_g=(1, 768), h5_ln_1_g=(1, 768))
    found = run(book.drop(*files))
    assert found["shape"]["n_layer"] == 6
    assert found["notes"] == [
        "There is no config.json: the shape was read from the tensors, and the number of heads is "
        "that of gpt2.",
        "gpt2, which is as wide, has 12 blocks; here are 6. If this is gpt2, drop the files of the "
        "others too."]


@pytest.mark.parametrize("name", ["model_h999999999_ln_1_g.csv", "config.json"])
def test_a_file_that_asks_for_a_billion_blocks_does_no_harm(book, csvs, tmp_path, name):
    (tmp_path / name).write_text("1,1,1,1,1,1,1,1" if name.endswith("csv") else json.dumps(
        {"n_layer": 999_999_999, "n_embd": 8, "n_head": 2, "n_positions": 16, "vocab_size": 300}))
    found = run(book.drop(*csvs.values(), tmp_path / name))
    assert not found["ready"] and len(found["tensors"]) == TENSORS_OF_THE_TINY
    assert any("999" in problem for problem in found["problems"]) or name.endswith("csv")


def test_tensors_of_more_blocks_than_the_config_says_are_remarked_on(book, csvs, tmp_path):
    hparams = json.loads(HPARAMS.read_text()) | {"n_layer": 1}
    (tmp_path / "hparams.json").write_text(json.dumps(hparams))
    found = run(book.drop(*csvs.values(), tmp_path / "hparams.json"))
    assert found["problems"] == [
        "n_layer is 1, as hparams.json says, but here are tensors of h1 too. The files belong to "
        "different models: drop the right ones, or take the others away."]


def test_a_config_of_something_else_than_gpt2_stands_in_the_way(book, csvs, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"activation_function": "relu"}))
    found = run(book.drop(*csvs.values(), tmp_path / "config.json"))
    assert "activation_function is 'relu'" in found["problems"][0] and not found["ready"]


def test_a_model_with_an_untied_head_is_refused(book, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled | {"lm_head.weight": numbers["wte"] + 1}, tmp_path / "model.safetensors")
    found = run(book.drop(tmp_path / "model.safetensors", HPARAMS))
    assert "has an untied head" in words_of(found, "model.safetensors")


def test_an_untied_head_in_a_part_of_its_own_is_found_too(book, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled, tmp_path / "model-00001-of-00002.safetensors")
    save_file({"lm_head.weight": numbers["wte"] + 1, "transformer.ln_f.bias": numbers["ln_f_b"]},
              tmp_path / "model-00002-of-00002.safetensors")
    found = run(book.drop(*sorted(tmp_path.glob("model-*")), HPARAMS))
    assert "has an untied head" in found["problems"][0] and not found["ready"]


def test_the_file_that_was_dropped_last_is_believed(book, csvs, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled | {"transformer.wpe.weight": numbers["wpe"][:3]},
              tmp_path / "model.safetensors")
    found = run(book.drop(tmp_path / "model.safetensors", HPARAMS))
    assert [one["name"] for one in found["tensors"] if one["state"] == "wrong"] == ["wpe"]
    found = run(book.drop(csvs["wpe"], upload=found["upload"]))
    assert found["ready"]


def test_a_file_that_is_taken_away_is_counted_no_longer(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    [wte] = [file["index"] for file in found["files"] if file["name"] == "model_wte.csv"]
    run(book.ask("upload_leave_out", upload=found["upload"], index=wte))
    found = run(book.ask("upload_check", upload=found["upload"]))
    assert found["missing"] == ["wte"]


def test_a_tokenizer_is_lent_by_a_model_of_as_many_tokens(book, speaking_csvs, tokenizer):
    files = [*speaking_csvs.values(), tokenizer / "hparams.json"]
    found = run(book.drop(*files, tokenizer / "tokenizer.json"))
    run(book.ask("upload_finish", upload=found["upload"], name="lender"))
    found = run(book.drop(*files))
    assert found["tokenizer"]["state"] == "absent" and found["ready"]
    assert found["tokenizer"]["lenders"] == ["lender"]  # storybook has 4,096 tokens
    kept = run(book.ask("upload_finish", upload=found["upload"], name="mine", tokenizer="lender"))
    assert kept["model"]["has_tokenizer"]


def test_a_model_without_a_tokenizer_is_kept_and_listed_so(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    kept = run(book.ask("upload_finish", upload=found["upload"], name="mute"))
    assert kept["model"]["has_tokenizer"] is False


def test_half_a_tokenizer_says_what_belongs_to_it(book, csvs, tokenizer):
    found = run(book.drop(*csvs.values(), HPARAMS, tokenizer / "vocab.json"))
    assert found["tokenizer"]["state"] == "wrong" and not found["ready"]
    assert "merges.txt is missing" in found["tokenizer"]["words"]


def test_a_tokenizer_of_another_model_stands_in_the_way(book, csvs, tmp_path):
    Tokenizer.from_merges([(b"a", b"b")]).save(tmp_path / "other")
    found = run(book.drop(*csvs.values(), HPARAMS, tmp_path / "other" / "tokenizer.json"))
    assert found["problems"] == [found["tokenizer"]["words"]]
    assert "The tokenizer has 258 tokens, but wte has" in found["problems"][0]


def test_a_name_that_is_taken_asks_for_another_or_replaces(book, csvs, numbers, tmp_path):
    found = run(book.drop(*csvs.values(), HPARAMS))
    run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    doubled = {name: 2 * array for name, array in numbers.items()}
    found = run(book.drop(*write_csvs(tmp_path / "new", doubled).values(), HPARAMS))
    with pytest.raises(WorkerError, match="There is a model 'mine' already"):
        run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    peers.assert_same(Store(book.desk.store_folder).open("mine").weights, numbers)
    run(book.ask("upload_finish", upload=found["upload"], name="mine", replace=True))
    peers.assert_same(Store(book.desk.store_folder).open("mine").weights, doubled)


@pytest.mark.parametrize(("name", "message"), [
    ("../x", "cannot be a model's name"), ("<script>", "cannot be a model's name"),
    ("storybook", "comes with Cutaway"), ("", "cannot be a model's name")])
def test_a_name_that_cannot_be_is_refused_and_the_files_stay(book, csvs, name, message):
    found = run(book.drop(*csvs.values(), HPARAMS))
    with pytest.raises(WorkerError, match=message):
        run(book.ask("upload_finish", upload=found["upload"], name=name))
    assert run(book.ask("upload_check", upload=found["upload"]))["ready"]


def test_a_removed_model_is_no_longer_listed(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    run(book.ask("model_remove", name="mine"))
    assert [model["name"] for model in run(book.ask("models"))["models"]] == ["storybook"]
    for name in ("mine", "storybook", "../models"):
        with pytest.raises(WorkerError, match="There is no model"):
            run(book.ask("model_remove", name=name))


def test_a_damaged_model_says_so_and_the_others_are_listed(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    run(book.ask("upload_finish", upload=found["upload"], name="mine"))
    (book.desk.store_folder / "mine" / "model.safetensors").write_bytes(PNG)
    storybook, mine = run(book.ask("models"))["models"]
    assert storybook["problem"] == "" and "is no safetensors file" in mine["problem"]


@pytest.mark.parametrize("fields", [
    {"files": "x"}, {"files": [3]}, {"files": [{"name": 3, "bytes": 3}]},
    {"files": [{"name": "a.csv", "bytes": -1}]}, {"files": [{"name": "a.csv", "bytes": 1.5}]},
    {"files": [{"name": "a.csv", "bytes": 10**15}]}, {"files": [], "upload": "nothing"},
    {"files": [{"name": "x.csv", "bytes": 1}] * 5_001}])
def test_an_announcement_that_is_none_is_refused_by_name(book, fields):
    with pytest.raises(MessageError):
        run(book.ask("upload_begin", **fields))
    assert not book.desk.store_folder.exists()


def test_files_that_are_being_read_are_not_read_twice_at_once(book, csvs):
    async def twice():
        found = await book.drop(*csvs.values(), HPARAMS)
        asked = [book.ask("upload_check", upload=found["upload"]) for _ in "ab"]
        return await asyncio.gather(*asked, return_exceptions=True)

    first, second = run(twice())
    assert first["ready"]
    assert str(second) == "These files are being read. Wait until that is done."


def test_letting_go_stops_whoever_reads(book, csvs):
    async def let_go():
        found = await book.drop(*csvs.values(), HPARAMS)
        reading = asyncio.create_task(book.ask("upload_check", upload=found["upload"]))
        await asyncio.sleep(0)  # the reading begins
        await book.ask("upload_drop", upload=found["upload"])
        return await asyncio.gather(reading, return_exceptions=True)

    [ended] = run(let_go())
    assert isinstance(ended, CutawayError)
    assert list((book.desk.store_folder / ".uploads").glob("*/*/files")) == []


@pytest.mark.parametrize(("program", "words"), [
    ("exit 3", "The process that reads models ended with exit status 3. Nothing was changed."),
    ("kill -9 $$", "The process that reads models ended by signal 9 (SIGKILL)"),
    (None, "The process that reads models cannot start: No such file or directory. Nothing was")])
def test_a_process_that_ends_without_an_answer_says_how(tmp_path, monkeypatch, program, words):
    python = tmp_path / "python"
    if program:
        python.write_text(f"#!/bin/sh\n{program}\n")
        python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(WorkerStopped) as caught:
        run(ModelProcess("list", {"store": "x"}).run(print))
    assert str(caught.value).startswith(words)


def test_a_mistake_of_our_own_is_told_without_a_traceback(tmp_path):
    with pytest.raises(WorkerError, match=r"Cutaway failed at this \(KeyError: 'store'\)"):
        run(ModelProcess("list", {}).run(print))


@pytest.fixture
def hub(tmp_path, numbers, monkeypatch):
    """A hub on this machine with one model, and a process that looks for it there."""
    peers.huggingface_model(numbers).save_pretrained(tmp_path / "hub")
    for name in [name for name in os.environ if "proxy" in name.lower()]:
        monkeypatch.delenv(name)
    with running(Hub("openai-community/gpt2", tmp_path / "hub")) as hub:
        for name, value in {"HF_ENDPOINT": hub.address, "HF_HUB_OFFLINE": "0",
                            "HF_HOME": str(tmp_path / "hf"),
                            "HF_HUB_DISABLE_TELEMETRY": "1"}.items():
            monkeypatch.setenv(name, value)
        yield hub


def fetched(book, name, then=None):
    """The last that was pushed of a download."""
    async def fetch():
        answer = await book.ask("model_fetch", name=name)
        assert answer["fetch"]["state"] == "running"
        if then:
            await then()
        await book.desk._fetch_task

    run(fetch())
    return [message for message in book.pushed if message["push"] == "fetch"][-1]


def test_a_model_is_fetched_with_progress(book, hub, numbers):
    end = fetched(book, "gpt2")
    assert (end["state"], end["message"]) == ("done", "gpt2 is in the store.")
    size = (hub.folder / "model.safetensors").stat().st_size
    doing = [(one["what"], one["done"], one["of"]) for one in book.pushed if one["push"] == "fetch"]
    assert ("downloading model.safetensors", size, size) in doing
    assert book.pushed[-1] == {"push": "models"}
    peers.assert_same(Store(book.desk.store_folder).open("gpt2").weights, numbers)


def test_a_download_that_broke_off_says_so_and_goes_on_when_asked_again(book, hub):
    hub.break_after, hub.then_status = 5_000, 503
    end = fetched(book, "gpt2")
    assert end["state"] == "failed"
    assert "What has come is kept: fetch again" in end["message"]
    hub.then_status = None
    assert fetched(book, "gpt2")["state"] == "done"


def test_a_download_that_is_stopped_says_how_it_goes_on(book, hub):
    async def stop():
        await book.ask("model_fetch_stop")

    end = fetched(book, "gpt2", then=stop)
    assert (end["state"], end["message"]) == (
        "stopped", "Stopped. What has come is kept: fetch it again, and it goes on from there.")
    assert Store(book.desk.store_folder).names() == []


def test_one_model_is_fetched_at_a_time(book, hub):
    async def another():
        with pytest.raises(ModelError, match="gpt2 is being fetched"):
            await book.ask("model_fetch", name="gpt2-medium")

    assert fetched(book, "gpt2", then=another)["state"] == "done"


def test_without_a_network_the_reason_is_clear(book, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    end = fetched(book, "gpt2")
    assert end["state"] == "failed"
    assert end["message"].startswith(
        "openai-community/gpt2 was not downloaded: HF_HUB_OFFLINE is set")
    assert run(book.ask("models"))["fetch"]["state"] == "failed"


@pytest.mark.parametrize("name", ["http://127.0.0.1/x", "../x", "a/b/c", "a b", "", "/etc",
                                  "a/../b", "-x", "a?b/c"])
def test_what_is_no_name_of_the_hub_is_never_asked_for(book, hub, name):
    with pytest.raises(MessageError, match="is no model of the hub"):
        run(book.ask("model_fetch", name=name))
    assert hub.requests == [] and book.desk.fetching is None


def test_closing_the_desk_leaves_nothing_of_the_uploads(book, csvs):
    async def drop_and_close():
        await book.drop(*csvs.values())
        await book.desk.close()

    run(drop_and_close())
    wait_until(lambda: not (book.desk.store_folder / ".uploads").exists())
