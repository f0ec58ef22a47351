"""`cutaway models`, `add`, `fetch` and `export`."""

import hashlib
import json
import shutil
from zipfile import ZipFile

import numpy as np
import pytest

from cutaway.weights import find_model
from tests.cli.conftest import PROMPT, write_model


def test_an_added_model_is_listed_with_its_checksum_and_opens_by_name(cutaway, tiny):
    assert "mine is in the store: 4,488 parameters" in cutaway("add", tiny, "--name", "mine").stdout
    listed = json.loads(cutaway("models", "--json").stdout)["models"]
    mine = next(model for model in listed if model["name"] == "mine")
    stored = hashlib.sha256((tiny / "model.safetensors").read_bytes()).hexdigest()
    assert mine["n_layer"] == 2 and len(mine["sha256"]) == len(stored)
    page = cutaway("models").stdout
    assert "mine" in page and mine["sha256"] in page
    assert (cutaway(PROMPT, "--model", "mine", "--json").stdout.replace('"mine"', "")
            == cutaway(PROMPT, "--model", tiny, "--json").stdout.replace('"tiny"', ""))


def test_one_damaged_record_does_not_hide_the_others(cutaway, tiny, tmp_path):
    """The exit status says so, and the bad one is named on standard error."""
    for name in ("good", "bad"):
        cutaway("add", tiny, "--name", name)
    record = tmp_path / "store" / "models" / "bad" / "cutaway.json"
    for text in ("null", "5", '"abc"'):
        record.write_text(text)
        listed = cutaway("models")
        assert listed.exit_code == 1 and "good" in listed.stdout
        assert listed.stderr == (f"cutaway: {record} is damaged. Delete the folder "
                                 f"{record.parent} and add the model again.\n")
        told = json.loads(cutaway("models", "--json").stdout)
        assert "good" in [model["name"] for model in told["models"]]
        assert [model["name"] for model in told["damaged"]] == ["bad"]
    assert cutaway(PROMPT, "--model", "good").exit_code == 0
    assert cutaway("add", tiny, "--name", "bad", "--replace").exit_code == 0
    assert cutaway("models").exit_code == 0


def test_weights_that_have_changed_are_told_when_they_are_checked(cutaway, tiny, tmp_path):
    cutaway("add", tiny)
    assert cutaway("models", "--check").exit_code == 0
    file = tmp_path / "store" / "models" / "tiny" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 64
    file.write_bytes(content)
    assert cutaway("models").exit_code == 0
    checked = cutaway("models", "--check")
    assert checked.exit_code == 1
    assert checked.stderr.startswith(f"cutaway: {file} is not the file that was added:")


def test_a_name_that_is_taken_is_told_and_can_be_replaced(cutaway, tiny):
    cutaway("add", tiny)
    again = cutaway("add", tiny)
    assert again.exit_code == 1 and "There is a model 'tiny' already" in again.stderr
    assert cutaway("add", tiny, "--replace").exit_code == 0


def test_an_export_opens_in_transformers_with_the_same_logits(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    assert "model.safetensors" in cutaway("export", "out", "--model", tiny).stdout
    exported = transformers.GPT2LMHeadModel.from_pretrained("out", attn_implementation="eager")
    ids = torch.arange(5)[None]
    with torch.no_grad():
        assert torch.equal(exported.eval()(ids).logits, peer(ids).logits)


def test_an_export_as_csv_has_the_workshops_names_and_comes_back_with_the_same_digits(
        cutaway, tiny):
    assert "a CSV for each of its" in cutaway("export", "csvs.zip", "--csv", "--model", tiny).stdout
    with ZipFile("csvs.zip") as archive:
        names = archive.namelist()
        width = len(archive.read("model_wte.csv").split(b"\n")[0].split(b","))
    assert {"model_wte.csv", "model_wpe.csv", "model_h0_attn_c_attn_w.csv"} < set(names)
    before, after = find_model(tiny), find_model("csvs.zip")
    assert after.config == before.config and width == before.config.n_embd
    for name, numbers in before.weights.items():
        np.testing.assert_array_equal(after.weights[name], numbers)
    cutaway("add", "csvs.zip", "--name", "back")  # with the tokenizer's files, out of the zip
    assert (cutaway(PROMPT, "--model", "back", "--json").stdout.replace('"back"', "")
            == cutaway(PROMPT, "--model", tiny, "--json").stdout.replace('"tiny"', ""))


def test_a_fetched_model_is_in_the_store(cutaway, tiny, monkeypatch):
    from cutaway import weights

    def without_a_network(name, store, progress):
        progress(weights.Progress("downloading", 50, 100, "bytes"))
        return store.add(tiny, name, progress)

    monkeypatch.setattr(weights, "fetch", without_a_network)
    assert "gpt2 is in the store" in cutaway("fetch", "gpt2").stdout
    assert cutaway(PROMPT, "--model", "gpt2", "--max-tokens", "1").exit_code == 0


def test_fetching_without_a_network_says_so(cutaway):
    result = cutaway("fetch", "gpt2")  # all tests run with HF_HUB_OFFLINE set
    assert result.exit_code == 1
    assert "openai-community/gpt2 was not downloaded" in result.stderr
    assert "Traceback" not in result.stderr


def test_fetching_what_is_no_model_says_what_there_is(cutaway):
    result = cutaway("fetch", "gpt5")
    assert result.exit_code == 1 and "gpt2-medium" in result.stderr


def test_weights_without_a_tokenizer_are_added_and_get_one_from_another_folder(
        cutaway, tiny, tmp_path):
    bare = tmp_path / "bare-v1.5"
    bare.mkdir()
    for name in ("model.safetensors", "config.json"):
        shutil.copy(tiny / name, bare / name)
    added = cutaway("add", bare)
    assert added.exit_code == 0
    assert "has no tokenizer" in added.stderr and "--tokenizer FOLDER --replace" in added.stderr
    assert cutaway("Mike", "--model", "bare-v1.5").exit_code == 1

    again = cutaway("add", bare, "--tokenizer", tiny, "--replace")
    assert again.exit_code == 0 and "no tokenizer" not in again.stderr
    assert cutaway("Mike", "--model", "bare-v1.5").exit_code == 0


def test_weights_of_gpt2s_size_get_its_own_vocabulary(cutaway, tmp_path):
    (tmp_path / "bare").mkdir()
    write_model(tmp_path / "bare", 50_257, seed=0)
    added = cutaway("add", "bare")
    assert "--tokenizer gpt2 --replace" in added.stderr
    told = cutaway(PROMPT, "--model", "bare")
    assert told.exit_code == 1 and "`cutaway add PATH --tokenizer gpt2`" in told.stderr
    again = cutaway("add", "bare", "--tokenizer", "gpt2", "--replace")
    assert again.exit_code == 0 and "no tokenizer" not in again.stderr
    page = json.loads(cutaway(PROMPT, "--model", "bare", "--max-tokens", "0", "--json").stdout)
    assert [token["id"] for token in page["tokens"]] == [16073, 318, 2068, 13, 679, 6100]  # W37


def test_a_folder_without_a_tokenizer_is_told_and_the_model_stays(cutaway, tiny, tmp_path):
    cutaway("add", tiny)
    refused = cutaway("add", tiny, "--tokenizer", tmp_path, "--replace")
    assert refused.exit_code == 1
    assert f"{tmp_path} holds no tokenizer" in refused.stderr
    assert cutaway("Mike", "--model", "tiny").exit_code == 0
