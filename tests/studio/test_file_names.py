"""The names of dropped files are made plain, and what no model needs is left out."""


import pytest

from cutaway.errors import MessageError
from cutaway.studio.models.upload import left_out, plain_name


@pytest.mark.parametrize(("given", "plain"), [
    ("model_wte.csv", "model_wte.csv"),
    ("model.ckpt.data-00000-of-00001", "model.ckpt.data-00000-of-00001"),
    ("gpt2/model.safetensors", "model.safetensors"),
    ("../../etc/passwd", "passwd"),
    ("C:\\Windows\\wte.csv", "wte.csv"),
    ("C:wte.csv", "C_wte.csv"),
    ("<img src=x onerror=alert(1)>.csv", "_img src_x onerror_alert(1)_.csv"),
    ("мои веса.zip", "мои веса.zip"),
    ("a\u202egnp.csv", "a_gnp.csv"),
    ("wte.csv. . ", "wte.csv"),
    ("%2e%2e%2fwte.csv", "_2e_2e_2fwte.csv"),
    ("wte.csv;rm -rf ~", "wte.csv_rm -rf _"),
])
def test_a_name_is_taken_apart_to_plain_letters(given, plain):
    assert plain_name(given) == plain


@pytest.mark.parametrize("given", [
    "", ".", "..", "/", "a/", "../..", "wte\0.csv", "wte\n.csv", "\ud800.csv", "nul", "CON.csv",
    "lpt1", "x" * 201, "ж" * 101, " . "])
def test_a_name_that_no_file_can_have_everywhere_is_refused(given):
    with pytest.raises(MessageError, match=r"Rename the file\.|Give the file a shorter name\."):
        plain_name(given)


@pytest.mark.parametrize("name", [
    "model_wte.csv", "MODEL.ZIP", "model.safetensors", "model-00001-of-00002.safetensors",
    "model.safetensors.index.json", "pytorch_model.bin", "model.ckpt.index", "vocab.bpe",
    "model.ckpt.data-00000-of-00001", "merges.txt", "tokenizer.json", "README.md"])
def test_what_a_model_can_consist_of_is_taken(name):
    assert left_out(name, [name]) == ""


@pytest.mark.parametrize(("name", "why"), [
    (".gitattributes", "hidden"), ("tf_model.h5", "not needed"), ("photo.png", "not needed"),
    ("training_args.bin", "training left"), ("optimizer.pt", "training left"),
    ("pytorch_model.bin", "same numbers")])
def test_what_no_model_needs_is_not_even_sent(name, why):
    assert why in left_out(name, [name, "model.safetensors"])
