"""Dropped files of another kind of model than GPT-2: they are checked, completed and kept."""

import shutil

import numpy as np
import pytest

from cutaway import Config
from cutaway.models import ARCHITECTURES
from cutaway.studio.models.check import examine, keep
from cutaway.weights import Store
from tests.models.made_up import MADE_UP, write_made_up
from tests.studio.dropping import N_TOKENS

CONFIG = Config(vocab_size=N_TOKENS, n_positions=16, n_embd=8, n_layer=2, n_head=2,
                tie_word_embeddings=False)  # its head has a table of its own


@pytest.fixture
def drop(monkeypatch, tmp_path, tokenizer):
    """A function that drops some of the files of a made-up model: the order to look into them."""
    monkeypatch.setitem(ARCHITECTURES, MADE_UP.model_type, MADE_UP)
    folder, arrays = write_made_up(tmp_path / "made", CONFIG)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(tokenizer / name, folder)

    def order(*names):
        upload = tmp_path / "upload"
        (upload / "files").mkdir(parents=True)
        for name in names:
            shutil.copy(folder / name, upload / "files")
        return {"folder": str(upload), "store": str(tmp_path / "store"),
                "files": [{"index": index, "name": name} for index, name in enumerate(names)]}

    order.arrays = arrays
    return order


def nothing(progress):
    """Whoever reports progress is not listened to here."""


def test_a_whole_model_of_another_kind_is_ready_and_is_kept_with_its_numbers(drop, tmp_path):
    order = drop("model.safetensors", "config.json", "vocab.json", "merges.txt")
    found = examine(order, nothing)
    assert found.is_ready and found.weights.architecture is MADE_UP
    keep({**order, "name": "mine", "replace": False, "tokenizer": None}, nothing)
    kept = Store(tmp_path / "store").open("mine")
    assert kept.architecture is MADE_UP and kept.config == CONFIG
    for name, array in drop.arrays.items():
        np.testing.assert_array_equal(kept.weights[name], array, err_msg=name)


def test_without_its_config_the_names_of_its_tensors_tell_the_kind(drop):
    found = examine(drop("model.safetensors"), nothing)
    assert found.weights.architecture is MADE_UP
    assert found.shape.fields["n_embd"] == 8 and found.shape.fields["vocab_size"] == N_TOKENS
    assert not found.is_ready and "how many heads" in found.problems[0]


def test_the_checklist_is_of_its_own_tensors(drop):
    found = examine(drop("config.json", "vocab.json", "merges.txt"), nothing)
    assert [tensor["name"] for tensor in found.tensors] == list(drop.arrays)
    assert {tensor["state"] for tensor in found.tensors} == {"missing"}
