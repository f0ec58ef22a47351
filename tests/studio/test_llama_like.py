"""A model with shared keys, rotated positions and a gated MLP: every view of every table of it."""

import numpy as np
import pytest

from cutaway.models import ARCHITECTURES
from cutaway.studio.models.check import examine
from cutaway.studio.worker.verbs import changes, glance, inspector, snapshot, table_view, tables
from cutaway.studio.worker.verbs import writing as written
from cutaway.studio.worker.verbs.compare import compare
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from tests.models.llama_like import LLAMA, LlamaConfig
from tests.models.llama_peer import llama_files
from tests.studio.asking import asked as ask
from tests.studio.dropping import N_TOKENS, write_tokenizer

CONFIG = LlamaConfig(vocab_size=N_TOKENS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files that `transformers` writes of such a model, with a tokenizer beside them."""
    made = llama_files(tmp_path_factory.mktemp("llama"), CONFIG)
    for file in write_tokenizer(tmp_path_factory.mktemp("tokenizer")).iterdir():
        if file.name in ("vocab.json", "merges.txt"):
            file.rename(made / file.name)
    return made


@pytest.fixture
def workspace(monkeypatch, folder):
    """A worker that has opened the model."""
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
    work = Workspace(lambda message: None, lambda function: function())
    work.open(str(folder), "abcde")
    return work


def test_every_table_is_shown_with_the_story_of_a_cell(workspace):
    book = workspace.run.book
    for name in (*book.nodes, *book.weights, "ids"):
        view = ask(table_view.table_view, workspace, table=name)
        size, numbers = ask(tables.tile, workspace, table=name, row=0, column=0)
        assert len(numbers) == 4 * size["rows"] * size["columns"]
        assert all(check["ok"] for check in view["checks"]), name
        assert ask(inspector.cell, workspace, table=name, row=0, column=0)["table"] == name


def test_what_must_hold_is_known_by_the_formula(workspace):
    for name, words in {"h1.attention": ["rows sum to 1", "nothing looks ahead"],
                        "h0.mlp_normalised": ["rows' squares have mean 1"],
                        "next_probabilities": ["sums to 1"]}.items():
        found = ask(table_view.table_view, workspace, table=name)["checks"]
        assert [check["words"] for check in found] == words


def test_the_map_the_glance_and_the_stages_are_there(workspace):
    assert [part["key"] for part in model_card(workspace)["map"]] == [
        "embed", *(f"h{block}" for block in range(CONFIG.n_layer)), "head"]
    found = ask(glance.glance, workspace)["blocks"]
    prediction = summary(workspace)["prediction"]
    assert len(found) == CONFIG.n_layer and found[-1]["id"] == prediction[0]["id"]
    assert ask(written.stages, workspace)["n_vocabulary"] == N_TOKENS
    assert isinstance(ask(glance.hint, workspace), dict)


def test_a_change_moves_what_reads_it_and_a_token_is_written_after_it(workspace):
    change = {"kind": "numbers", "table": "h0.attention", "cells": {"head": 1}, "value": 0.0}
    ask(changes.do_change, workspace, change=change)
    moved = summary(workspace)["moved"]
    assert "logits" in moved and "h0.queries" not in moved
    assert ask(compare, workspace, **{"with": {"before": True}})["rows"]
    ask(written.write_begin, workspace, temperature=0.0)
    ask(written.write_token, workspace)
    assert len(ask(written.write_end, workspace)["ids"]) == 1


def test_a_page_that_is_kept_has_its_tables(workspace):
    kept = ask(snapshot.snapshot, workspace, bytes=10_000_000)
    names = {table["name"] for table in kept["tables"]}
    assert set(workspace.run.book.nodes) <= names


def test_its_files_are_a_whole_model_when_they_are_dropped(monkeypatch, folder, tmp_path):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
    (tmp_path / "upload").mkdir()
    (tmp_path / "upload" / "files").symlink_to(folder)
    names = sorted(file.name for file in folder.iterdir())
    order = {"folder": str(tmp_path / "upload"), "store": str(tmp_path / "store"),
             "files": [{"index": index, "name": name} for index, name in enumerate(names)]}
    found = examine(order, lambda progress: None)
    assert found.is_ready and found.shape.config == CONFIG
    order["files"] = [one for one in order["files"] if one["name"] == "model.safetensors"]
    (tmp_path / "upload" / "files").unlink()
    (tmp_path / "upload" / "files").mkdir()
    (tmp_path / "upload" / "files" / "model.safetensors").symlink_to(folder / "model.safetensors")
    alone = examine(order, lambda progress: None)
    assert alone.weights.architecture is LLAMA and not alone.is_ready
    assert "do not tell its shape (n_key_head, n_hidden)" in alone.problems[0]
    assert np.isfinite(alone.weights["embed_tokens"]).all()
