"""The models of the store and the bundled ones, as the page lists them."""

import pytest

from cutaway.errors import WorkerError
from tests.studio.dropping import HPARAMS, run

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def test_the_bundled_model_is_listed_with_its_shape(book):
    answer = run(book.ask("models"))
    [storybook] = answer["models"]
    assert storybook == {
        "name": "storybook", "kept": "bundled", "problem": "", "parameters": 3_505_152,
        "bytes": 7_017_680, "n_layer": 6, "n_head": 6, "n_embd": 192, "n_positions": 256,
        "n_vocabulary": 4_096, "n_tensors": 76, "has_tokenizer": True,
        "about": "The model that comes with Cutaway: a small GPT-2 that writes simple stories."}
    assert answer["store"] == str(book.models.store_folder) and answer["fetch"] is None


def test_the_tensors_of_a_model_are_listed_from_top_to_bottom(book):
    tensors = run(book.ask("model_tensors", name="storybook"))["tensors"]
    assert len(tensors) == 76
    assert [tensors[place]["name"] for place in (0, 1, 2, -1)] == ["wte", "wpe", "h0.ln_1_g",
                                                                  "ln_f_b"]
    assert tensors[0] == {"name": "wte", "sheet": "embed", "axes": ["vocabulary", "embed"],
                          "size": [4096, 192], "dtype": "float16", "file": "model.safetensors",
                          "stored_as": "transformer.wte.weight"}


@pytest.mark.parametrize("name", ["/etc", "../models", "nothing", "."])
def test_a_path_is_no_model(book, name):
    with pytest.raises(WorkerError, match="There is no model") as caught:
        run(book.ask("model_tensors", name=name))
    assert caught.value.kind == "UnknownModel"


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
    (book.models.store_folder / "mine" / "model.safetensors").write_bytes(PNG)
    storybook, mine = run(book.ask("models"))["models"]
    assert storybook["problem"] == "" and "is no safetensors file" in mine["problem"]
