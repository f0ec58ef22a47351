"""The local store: what is added, listed, replaced and removed, and what stays when that fails."""

import errno
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cutaway import open_model
from cutaway.errors import (
    CorruptFile,
    DiskError,
    ModelError,
    NotFinite,
    SettingError,
    TokenizerFileError,
    UnknownModel,
)
from cutaway.models.config import Config
from cutaway.weights import Store, StoredModel
from cutaway.weights import store as store_module
from tests.weights.peers import OPENAI, assert_same
from tests.weights.test_csv_files import write_folder

TINY = Config(vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes()
            for file in sorted(folder.rglob("*")) if file.is_file()}


def test_an_added_model_opens_by_name_with_the_same_digits(store, numbers):
    store.add(OPENAI, "tiny")
    model = store.open("tiny")
    assert (model.name, model.config) == ("tiny", TINY)
    assert_same(model.weights, numbers)


def test_a_model_is_called_as_its_folder_unless_it_is_named(store, model_folder):
    assert store.add(model_folder).name == "tiny"
    assert store.add(str(model_folder), "other-1.5_b").name == "other-1.5_b"
    assert store.names() == ["other-1.5_b", "tiny"]


def test_the_list_has_shape_size_and_checksum(store, model_folder):
    added = store.add(model_folder)
    file = store.folder / "tiny" / "model.safetensors"
    assert store.models() == [added] == [StoredModel(
        name="tiny", config=TINY, parameters=1976, size_bytes=file.stat().st_size,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest())]


def test_tokenizer_and_card_go_along(store, model_folder):
    (model_folder / "encoder.json").write_text('{"<|endoftext|>": 10}')
    (model_folder / "vocab.bpe").write_text("#version: 0.2\n")
    (model_folder / "README.md").write_text("# tiny")
    (model_folder / "training.log").write_text("loss")
    store.add(model_folder)
    assert set(contents(store.folder)) == {
        f"tiny/{name}" for name in ("README.md", "config.json", "cutaway.json", "merges.txt",
                                    "model.safetensors", "vocab.json")}
    model = store.open("tiny")
    assert model.tokenizer_folder == model.folder and model.card is not None


def test_a_zip_of_csvs_is_kept_as_safetensors_with_the_tokenizer_in_it(store, tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    (folder / "vocab.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "sheets.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"sheets/{file.name}")
    reports = []
    store.add(tmp_path / "sheets.zip", progress=reports.append)
    assert_same(store.open("sheets").weights, numbers)
    assert "transformer.wte.weight" in load_file(store.folder / "sheets" / "model.safetensors")
    assert (store.folder / "sheets" / "vocab.json").exists()
    assert [report.doing for report in reports[-2:]] == [
        "checking and writing sheets", "sheets is written"]


def test_a_tokenizer_in_a_zip_is_not_said_to_be_absent(tmp_path, numbers):
    folder = write_folder(tmp_path / "csvs", numbers)
    (folder / "vocab.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "sheets.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"sheets/{file.name}")
    with pytest.raises(TokenizerFileError, match="its tokenizer is in the zip with its weights"):
        open_model(tmp_path / "sheets.zip")


def test_a_name_that_is_taken_is_refused_and_the_model_stays(store, model_folder, numbers):
    store.add(model_folder)
    with pytest.raises(ModelError) as caught:
        store.add(OPENAI, "tiny")
    assert str(caught.value) == (
        "There is a model 'tiny' already. Give the new one another name, or replace the "
        "old one.")


def test_the_bundled_models_name_is_refused(store, model_folder, monkeypatch):
    monkeypatch.setattr(store_module, "bundled_names", lambda: ["storybook"])
    with pytest.raises(ModelError) as caught:
        store.add(model_folder, "storybook")
    assert str(caught.value) == (
        "'storybook' is the model that comes with Cutaway. Give the new one another name.")


@pytest.mark.parametrize(
    "name", ["", "..", ".hidden", "a/b", "a\\b", "-x", "mit Abstand", "é", "x" * 101])
def test_a_name_that_cannot_be_a_folders_is_refused(store, model_folder, name):
    with pytest.raises(SettingError) as caught:
        store.add(model_folder, name)
    assert str(caught.value) == (
        f"{name!r} cannot be a model's name: up to 100 letters, digits, '.', '-' and '_' are "
        "expected, with a letter or digit first.")
    assert not store.folder.exists()


def test_replacing_leaves_only_the_new_model(store, model_folder, numbers):
    (model_folder / "README.md").write_text("the old one")
    store.add(model_folder)
    (model_folder / "README.md").unlink()
    file = model_folder / "model.safetensors"
    save_file({name: 2 * array for name, array in load_file(file).items()}, file,
              metadata={"format": "pt"})
    store.replace(model_folder, "tiny")
    assert_same(store.open("tiny").weights, {name: 2 * array for name, array in numbers.items()})
    assert [path.name for path in store.folder.iterdir()] == ["tiny"]
    assert store.open("tiny").card is None


def test_a_replacement_that_fails_leaves_the_old_model(store, model_folder):
    store.add(model_folder)
    before = contents(store.folder)
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    tensors["transformer.wpe.weight"][0, 0] = np.nan
    save_file(tensors, file)
    with pytest.raises(NotFinite):
        store.replace(model_folder, "tiny")
    assert contents(store.folder) == before


def test_replacing_what_is_not_there_is_refused(store, model_folder):
    with pytest.raises(UnknownModel, match=r"There is no model 'tiny' in .*There are: none yet"):
        store.replace(model_folder, "tiny")


def test_nan_is_not_added_and_leaves_nothing(store, model_folder):
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    tensors["transformer.wpe.weight"][2, 7] = np.inf
    save_file(tensors, file)
    with pytest.raises(NotFinite, match=r"wpe \(1 of 128; the first is inf at \[2, 7\]\)"):
        store.add(model_folder)
    assert list(store.folder.iterdir()) == [] and store.models() == []


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left on device")])
def test_an_interrupted_addition_leaves_nothing(store, model_folder, monkeypatch, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("safetensors.numpy.save_file", broken)
    with pytest.raises((KeyboardInterrupt, DiskError)) as caught:
        store.add(model_folder)
    assert list(store.folder.iterdir()) == [] and store.models() == []
    if isinstance(caught.value, DiskError):
        assert str(caught.value) == (
            f"{store.folder / 'tiny'} could not be written: No space left on device. What was "
            "there before is unchanged. Make room, or choose another folder.")


def test_a_removed_model_is_gone_and_the_others_stay(store, model_folder):
    store.add(model_folder)
    store.add(model_folder, "other")
    store.remove("tiny")
    assert store.names() == ["other"]
    assert [path.name for path in store.folder.iterdir()] == ["other"]


@pytest.mark.parametrize("name", ["nothing", "../store", ""])
def test_opening_or_removing_what_is_not_there_says_what_is(store, model_folder, name):
    store.add(model_folder)
    for attempt in (store.open, store.remove):
        with pytest.raises(UnknownModel) as caught:
            attempt(name)
        assert str(caught.value) == (
            f"There is no model {name!r} in {store.folder}. There are: tiny.")
    assert store.names() == ["tiny"]


def test_an_empty_store_lists_nothing(store):
    assert store.models() == [] and store.names() == []


def record_with(**fields) -> str:
    """A good record with some fields changed."""
    good = {"config": TINY.to_dict(), "parameters": 1976, "size_bytes": 9, "sha256": "0" * 64}
    return json.dumps({**good, **fields})


@pytest.mark.parametrize("text", [
    "{", "[]", "{}", "", "null", "5", '"abc"', "\0", "[" * 100_000, '{"config": {}, "config": {}}',
    json.dumps({"config": {"n_head": 12}}), record_with(config=None), record_with(config=[1]),
    record_with(config={"n_layer": -3}), record_with(architecture="none"),
    record_with(architecture=[]), record_with(parameters="x"), record_with(parameters=True),
    record_with(size_bytes=None), record_with(sha256=5), record_with(sha256="../.."),
    record_with(more=1), record_with(parameters=0), '{"parameters": ' + "9" * 5000 + "}"])
def test_a_damaged_record_is_named_and_all_else_goes_on(store, model_folder, text):
    store.add(model_folder)
    good = store.add(model_folder, "good")
    record = store.folder / "tiny" / "cutaway.json"
    record.write_text(text)
    assert store.models() == [good] and store.names() == ["good", "tiny"]
    [(name, error)] = store.damaged().items()
    assert name == "tiny" and type(error) is CorruptFile and str(error) == (
        f"{record} is damaged. Delete the folder {record.parent} and add the model again.")
    assert store.open("good").config == store.open("tiny").config == TINY
    store.remove("tiny")
    assert store.names() == ["good"]


def make_a_pipe(record):
    record.unlink()
    os.mkfifo(record)


def make_a_folder(record):
    record.unlink()
    record.mkdir()


@pytest.mark.parametrize("damage", [
    make_a_pipe, make_a_folder, Path.unlink, lambda record: record.write_bytes(b" " * 10_000_001),
    lambda record: (record.unlink(), record.symlink_to("/dev/zero")),
    lambda record: (record.unlink(), record.symlink_to(record.name))])
def test_a_record_that_is_no_file_is_named_and_the_model_is_replaced(store, model_folder, damage):
    added = store.add(model_folder)
    damage(store.folder / "tiny" / "cutaway.json")
    assert store.models() == [] and list(store.damaged()) == ["tiny"]
    store.replace(model_folder, "tiny")
    assert store.models() == [added] and store.damaged() == {}


def test_a_weights_file_that_changed_is_found_by_its_checksum(store, model_folder):
    store.add(model_folder)
    store.check("tiny")
    file = store.folder / "tiny" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    for changed in (file.write_bytes, lambda _: file.unlink()):
        changed(content)
        with pytest.raises(CorruptFile) as caught:
            store.check("tiny")
        assert str(caught.value) == (
            f"{file} is not the file that was added: its checksum is another one. Delete the "
            f"folder {file.parent} and add the model again.")


def test_what_an_earlier_version_put_aside_is_there_again(store, model_folder):
    added = store.add(model_folder)
    (store.folder / "tiny").rename(store.folder / ".tiny.old")
    assert store.models() == [added]
    (store.folder / ".other.old").mkdir()
    (store.folder / ".tiny.old").mkdir()
    assert store.names() == ["tiny"] == [path.name for path in store.folder.iterdir()]


def test_models_are_kept_below_the_data_folder(monkeypatch):
    monkeypatch.setenv("CUTAWAY_HOME", "/elsewhere")
    assert Store().folder == Path("/elsewhere/models")
