"""What `read_model_files` finds at a path."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cutaway.errors import CorruptFile, UnknownModel, WeightsError
from cutaway.weights import read_model_files
from tests.weights.peers import OPENAI, assert_same


def test_a_folder_opens_with_all_that_lies_in_it(model_folder):
    (model_folder / "vocab.json").write_text("{}")
    (model_folder / "README.md").write_text("# tiny")
    model = read_model_files(str(model_folder))
    assert (model.name, model.folder) == ("tiny", model_folder)
    assert (model.tokenizer_folder, model.card) == (model_folder, model_folder / "README.md")


def test_a_folder_without_vocabulary_and_card_has_neither(model_folder):
    model = read_model_files(model_folder)
    assert (model.tokenizer_folder, model.card) == (None, None)


def test_a_file_opens_with_the_config_beside_it(model_folder, numbers):
    model = read_model_files(model_folder / "model.safetensors")
    assert (model.name, model.folder) == ("tiny", model_folder)
    assert_same(model.weights, numbers)


def test_a_file_of_a_name_of_its_own_gives_the_model_that_name(model_folder):
    (model_folder / "model.safetensors").rename(model_folder / "mike.safetensors")
    assert read_model_files(model_folder / "mike.safetensors").name == "mike"
    assert read_model_files(model_folder).name == "tiny"


def test_safetensors_come_before_other_formats(model_folder, numbers):
    (model_folder / "training_args.bin").write_bytes(b"something else")
    assert_same(read_model_files(model_folder).weights, numbers)


def test_safetensors_and_a_checkpoint_are_told_by_their_contents(model_folder, tmp_path, numbers):
    (model_folder / "model.safetensors").rename(model_folder / "pytorch_model.bin")
    assert_same(read_model_files(model_folder).weights, numbers)
    folder = shutil.copytree(OPENAI, tmp_path / "openai")
    for file in folder.glob("model.ckpt.*"):
        file.rename(folder / file.name.replace("model.ckpt.index", "numbers.table").replace(
            "model.ckpt", "numbers"))
    assert_same(read_model_files(folder / "numbers.table").weights, numbers)


def test_several_models_in_a_folder_are_named(model_folder):
    shutil.copy(model_folder / "model.safetensors", model_folder / "a.safetensors")
    (model_folder / "model.safetensors").rename(model_folder / "b.safetensors")
    with pytest.raises(UnknownModel) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        f"{model_folder} holds several models: a.safetensors, b.safetensors. "
        "Name the file to open.")


def test_a_path_that_is_not_there_says_so(tmp_path):
    with pytest.raises(UnknownModel) as caught:
        read_model_files(tmp_path / "gpt3")
    assert str(caught.value) == (
        f"There is no file or folder {str(tmp_path / 'gpt3')!r}. Check the spelling.")


def test_a_folder_without_a_model_says_what_was_looked_for(tmp_path):
    with pytest.raises(UnknownModel) as caught:
        read_model_files(tmp_path)
    assert str(caught.value) == (
        f"There is no model in {tmp_path}. Looked for safetensors, a PyTorch state dict, OpenAI's "
        "checkpoint (model.ckpt.index with its data file), or the workshop's CSV files in a folder "
        "or a zip.")


def test_a_file_of_no_known_format_says_so(tmp_path):
    (tmp_path / "notes.txt").write_text("Mike is quick.")
    with pytest.raises(CorruptFile) as caught:
        read_model_files(tmp_path / "notes.txt")
    assert str(caught.value) == (
        "notes.txt is in no format that Cutaway reads. It reads safetensors, a PyTorch state dict, "
        "OpenAI's checkpoint (model.ckpt.index with its data file), or the workshop's CSV files in "
        "a folder or a zip.")


def test_opening_safetensors_loads_no_heavy_library(model_folder):
    code = ("import sys; from cutaway.weights import read_model_files; "
            "read_model_files(sys.argv[1]); "
            "print(sorted({'torch', 'huggingface_hub', 'transformers', 'tokenizers', 'rich', "
            "'safetensors'} & set(sys.modules)))")
    run = subprocess.run([sys.executable, "-c", code, str(model_folder)],
                         capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_file_that_may_not_be_read_is_told(model_folder, monkeypatch):
    # Root may read everything, so the system's refusal is put in its mouth.
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WeightsError, match="cannot be read: Permission denied"):
        read_model_files(model_folder)
