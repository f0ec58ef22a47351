"""The page of an architecture that only tests state: shared keys, rotated positions, gated MLP.

The studio starts as a user starts it. Its processes learn of the architecture from a
`sitecustomize.py`, which Python runs first of all.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from cutaway import NumpyEngine
from cutaway.model import Model, open_model
from cutaway.models import ARCHITECTURES
from tests.models.llama_like import LLAMA, LlamaConfig
from tests.models.llama_peer import llama_files
from tests.studio.dropping import N_TOKENS, write_tokenizer
from tests.studio.pages.visitor import Visitor
from tests.studio.running import RunningStudio

REPOSITORY = Path(__file__).parents[3]
PROMPT = "abcde"
REGISTER = """\
from cutaway.models import ARCHITECTURES
from tests.models.llama_like import LLAMA

ARCHITECTURES[LLAMA.model_type] = LLAMA
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The model's folder, and the model as the library opens it in this process."""
    made = llama_files(tmp_path_factory.mktemp("llama"), LlamaConfig(vocab_size=N_TOKENS))
    for file in write_tokenizer(tmp_path_factory.mktemp("tokenizer")).iterdir():
        if file.name in ("vocab.json", "merges.txt"):
            file.rename(made / file.name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
        yield made, open_model(str(made))


@pytest.fixture
def visit(opened, tmp_path, monkeypatch, page):
    """The page of a prompt in that model."""
    (tmp_path / "sitecustomize.py").write_text(REGISTER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(
        [str(tmp_path), str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]))
    with RunningStudio(tmp_path / "home", "--model", str(opened[0]), PROMPT) as studio:
        visitor = Visitor(page)
        visitor.arrive(studio.address)
        yield visitor


def test_every_table_is_shown_changed_and_written_on(visit, opened):
    model: Model = opened[1]
    run = model.run(PROMPT, engine=NumpyEngine(np.float32))
    visit.predicts(run["next_probabilities"].array)

    shown = [name for name in (*model.book.nodes, *model.book.weights) if "h0." not in name]
    assert {"h1.attention", "h1.mlp_gate", "h1.q_proj", "logits"} <= set(shown)
    for name in shown:
        visit.open(name)
        array = run[name].array
        visit.agrees(array[0] if array.ndim == 3 else np.atleast_2d(array.T).T)

    visit.open("h0.keys")
    visit.select(1, 2)
    visit.type_over(1, 2, "1.5")
    visit.has_changes(1)
    edited = run.edit("h0.keys", 1.5, key_head=0, position=1, head_embed=2)
    visit.predicts(edited["next_probabilities"].array)

    panel = visit.drawer("Generate")
    panel.get_by_role("spinbutton", name="Top-k").fill("1")
    panel.get_by_role("spinbutton", name="Top-k").press("Tab")
    panel.get_by_role("button", name="One token").click()
    visit.has_changes(2)
    likeliest = int(edited["next_logits"].array.argmax())
    assert [token["id"] for token in visit.state()["tokens"]] == [*run.ids, likeliest]
