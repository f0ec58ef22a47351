"""Dropped files are read one by one; one that is not what it says harms no other."""

import os
import pickle
import zipfile
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from tests.studio.dropping import HPARAMS, run, state_of, words_of
from tests.weights import peers

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
TENSORS_OF_THE_TINY = 2 * 12 + 4  # two blocks of twelve tensors, as OpenAI's checkpoint has them


def test_progress_names_each_file_that_is_read(book, csvs):
    found = run(book.drop(csvs["wte"], csvs["wpe"], HPARAMS))
    assert [one for one in book.pushed if one["push"] == "progress"] == [
        {"push": "progress", "upload": found["upload"], "what": f"reading {name}", "done": done,
         "of": 3, "unit": "files"}
        for done, name in enumerate(["model_wte.csv", "model_wpe.csv", "hparams.json"])]


def test_a_text_of_numbers_is_read_but_once(book, csvs):
    found = run(book.drop(*csvs.values(), HPARAMS))
    folder = book.models.uploads.find(found["upload"]).folder
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


def test_a_model_with_an_untied_head_has_its_own_table(book, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled | {"lm_head.weight": numbers["wte"] + 1}, tmp_path / "model.safetensors")
    found = run(book.drop(tmp_path / "model.safetensors", HPARAMS))
    assert found["ready"] and "lm_head" in [tensor["name"] for tensor in found["tensors"]]


def test_the_file_that_was_dropped_last_is_believed(book, csvs, tmp_path, numbers):
    spelled = {peers.spellings()[name][0]: array for name, array in numbers.items()}
    save_file(spelled | {"transformer.wpe.weight": numbers["wpe"][:3]},
              tmp_path / "model.safetensors")
    found = run(book.drop(tmp_path / "model.safetensors", HPARAMS))
    assert [one["name"] for one in found["tensors"] if one["state"] == "wrong"] == ["wpe"]
    found = run(book.drop(csvs["wpe"], upload=found["upload"]))
    assert found["ready"]
