"""The shape of a model of which perhaps not every file has come yet."""

import json

import numpy as np
import pytest

from cutaway.weights import Store
from tests.studio.dropping import HPARAMS, run

TENSORS_OF_THE_TINY = 2 * 12 + 4  # two blocks of twelve tensors, as OpenAI's checkpoint has them
TENSORS_OF_GPT2 = 148  # as GPT2LMHeadModel.state_dict() has, without the second lm_head


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
    assert Store(book.models.store_folder).open("mine").config.n_head == 2


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


def test_a_config_of_something_else_than_gpt2_stands_in_the_way(book, csvs, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"activation_function": "mish"}))
    found = run(book.drop(*csvs.values(), tmp_path / "config.json"))
    assert "activation_function is 'mish'" in found["problems"][0] and not found["ready"]
