"""A model of another kind in the worker: it has no attention and no table of the next logits."""

import numpy as np
import pytest

from cutaway import Config
from cutaway.errors import NoSuchRole
from cutaway.models import ARCHITECTURES
from cutaway.studio.share.running import what_changed
from cutaway.studio.worker.verbs import glance, snapshot, table_view, writing
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from tests.models.made_up import MADE_UP, write_made_up
from tests.studio.asking import asked as ask
from tests.studio.dropping import N_TOKENS, write_tokenizer

CONFIG = Config(vocab_size=N_TOKENS, n_positions=16, n_embd=8, n_layer=2, n_head=2)


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    """A worker that has opened a made-up model."""
    monkeypatch.setitem(ARCHITECTURES, MADE_UP.model_type, MADE_UP)
    folder, _ = write_made_up(tmp_path / "made", CONFIG)
    for file in write_tokenizer(tmp_path / "tokenizer").iterdir():
        if file.name != "hparams.json":
            file.rename(folder / file.name)
    work = Workspace(lambda message: None, lambda function: function())
    work.open(str(folder), "abc")
    return work


def test_its_likeliest_tokens_are_told_without_logits(workspace):
    shares = workspace.run["next_probabilities"].array
    found = summary(workspace)["prediction"]
    assert [one["id"] for one in found] == np.argsort(-shares, kind="stable")[:8].tolist()
    assert found[0]["probability"] == shares.max() and found[0]["logit"] is None


def test_the_map_has_each_weight_in_the_sheet_that_reads_it_first(workspace):
    card = model_card(workspace)
    assert [(part["key"], part["weights"]) for part in card["map"]] == [
        ("embed", ["tokens_w"]), ("h0", ["h0.blend_w", "h0.back_w", "h0.shift"]),
        ("h1", ["h1.blend_w", "h1.back_w", "h1.shift"]), ("head", ["answers_w"])]
    assert card["roles"] == {"token_table": "tokens_w", "embeddings": "embeddings",
                             "logits": "logits", "next_probabilities": "next_probabilities"}


def test_its_tables_are_known_by_their_formulas(workspace):
    shares = ask(table_view.table_view, workspace, table="next_probabilities")
    assert shares["share"] and "bars" in shares["drawings"]
    assert [check["words"] for check in shares["checks"]] == ["sums to 1"]
    weight = ask(table_view.table_view, workspace, table="h0.shift")
    assert (weight["kind"], weight["explanation"]) == ("weight", "Aside.")


def test_what_it_lacks_is_left_out_or_said_in_words(workspace):
    assert ask(glance.glance, workspace) == {"blocks": []}
    assert ask(glance.hint, workspace) == {}
    with pytest.raises(NoSuchRole, match="no table of the next token's logits"):
        ask(writing.stages, workspace)


def test_a_change_reaches_its_tables_and_is_written_down(workspace):
    workspace.change({"kind": "numbers", "table": "h0.shift", "cells": {}, "value": 1.0})
    moved = summary(workspace)["moved"]
    assert moved == ["h0.shift", "h0.blended", "h1.blended", "logits", "next_probabilities"]
    assert "h1.blended" in what_changed(workspace.model, workspace.run)


def test_a_page_that_is_kept_has_its_tables(workspace):
    kept = ask(snapshot.snapshot, workspace, bytes=10_000_000)
    assert {"embeddings", "h1.blended", "next_probabilities"} <= {
        table["name"] for table in kept["tables"]}
