"""Every verb on a model of another architecture, which one file of the tests states."""

import json
import shlex

import numpy as np
import pytest
import torch
from transformers import LlamaForCausalLM

from cutaway.cli.group import SUMMARIES
from cutaway.models import ARCHITECTURES
from cutaway.tokenizer import Tokenizer, learn_merges
from tests.cli.conftest import PROMPT, TEXT
from tests.models.llama_like import LLAMA, LlamaConfig, llama
from tests.models.llama_peer import llama_files

COMMANDS = {  # what is typed after each verb, and what it must show
    "predict": (f"'{PROMPT}' --max-tokens 3", ["2 blocks, 4 heads, 16 wide", "embed  token "]),
    "generate": (f"'{PROMPT}' --max-tokens 4 --stages", ["Token 1"]),
    "show": (f"h1.keys '{PROMPT}'", ["rotate(split_heads(offering, n_key_head)", "key_head"]),
    "steps": ("", ["silu(mlp_gate) * mlp_up", "gate_proj (embed hidden)", "13b  mlp_up"]),
    "edit": (f"'{PROMPT}' 'h0.attention[head=1]=0' 'mlp_active=mlp_up'", ["h0.attention"]),
    "compare": ("'The dog' 'The cat'", ["h0.scores", "key_head 1"]),
    "sql": (f"'{PROMPT}' --max-tokens 2", ["Beside the NumPy engine: "]),
    "tokens": (f"'{PROMPT}' --steps", ["quick"]),
    "surprise": (f"'{PROMPT}'", ["the likeliest", "perplexity"]),
    "export": ("exported", ["exported"]),
    "lesson": ("4", ["told of the model storybook"]),
    "verify": (f"--prompt '{PROMPT}' --float64", ["h1.attention", "0 different"]),
    "claims": ("W102", ["is not GPT-2 small", "cutaway fetch gpt2"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights as `transformers` writes them, with a tokenizer beside them."""
    folder = tmp_path_factory.mktemp("models") / "other"
    tokenizer = Tokenizer.from_merges([merge.pair for merge in learn_merges(TEXT, 60)],
                                      rule=LLAMA.tokenizer)
    llama_files(folder, LlamaConfig(len(tokenizer)))
    tokenizer.save(folder)
    return folder


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)


@pytest.fixture
def other(cutaway, folder):
    """The command line with that model: other("show", "h0.keys", ...)"""
    def run(*arguments):
        result = cutaway(*arguments, "--model", folder)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_verb_shows_the_model_as_it_is(other, verb):
    typed, shown = COMMANDS[verb]
    words = [] if verb == "predict" else [verb]
    page = other(*words, *shlex.split(typed))
    for words in shown:
        assert words in page, page


@pytest.mark.parametrize("typed", ["xlsx '{}' -o gpt.xlsx", "sql '{}' --script gpt.sql"])
def test_what_cannot_cut_texts_by_its_pattern_says_so(cutaway, folder, tmp_path, typed):
    refused = cutaway(*shlex.split(typed.format(PROMPT)), "--model", folder)
    assert refused.exit_code == 1
    assert "cuts texts by another pattern than GPT-2's" in " ".join(refused.stderr.split())
    assert not [*tmp_path.glob("gpt.*")]


def test_no_verb_is_left_out():
    elsewhere = {"open", "books", "fetch", "models", "add", "train", "learn-tokens",
                 "xlsx"}
    assert set(SUMMARIES) == COMMANDS.keys() | elsewhere


def test_the_prediction_is_hugging_faces(other, folder):
    found = json.loads(other(PROMPT, "--json", "--max-tokens", "0"))
    peer = LlamaForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        logits = peer(torch.tensor([[token["id"] for token in found["tokens"]]])).logits[0, -1]
    best = torch.softmax(logits, -1).max(0)
    assert found["next"][0]["id"] == best.indices.item()
    assert found["next"][0]["probability"] == pytest.approx(best.values.item(), rel=1e-4)


def test_parameters_that_the_workshops_files_have_no_name_for_are_told(cutaway, folder):
    result = cutaway("export", "csvs.zip", "--csv", "--model", folder)
    assert result.exit_code == 1
    assert "The workshop's CSV files have no name for" in " ".join(result.stderr.split())


def test_it_is_added_listed_opened_by_name_and_exported(cutaway, folder):
    assert cutaway("add", folder, "--name", "mine").exit_code == 0
    listed = json.loads(cutaway("models", "--json").stdout)["models"]
    assert [one["n_head"] for one in listed if one["name"] == "mine"] == [4]
    assert cutaway("export", "out", "--model", "mine").exit_code == 0
    theirs = LlamaForCausalLM.from_pretrained("out").state_dict()
    for name, tensor in LlamaForCausalLM.from_pretrained(folder).state_dict().items():
        np.testing.assert_array_equal(theirs[name].numpy(), tensor.numpy(), err_msg=name)


def test_one_is_trained_from_text_with_its_name(cutaway, tmp_path):
    (tmp_path / "text.txt").write_text(TEXT * 3)
    shape = "--blocks 1 --heads 2 --embed 16 --context 8 --vocab-size 270 --steps 10 --batch 2"
    made = cutaway("train", "text.txt", "--out", "made", "--architecture", "llama",
                   *shape.split())
    assert made.exit_code == 0, made.output
    assert json.loads((tmp_path / "made/config.json").read_text())["model_type"] == "llama"
    assert cutaway("He", "--model", "made", "--max-tokens", "1").exit_code == 0
    assert "1 blocks, 2 heads" in (tmp_path / "made/README.md").read_text()


def test_an_architecture_that_there_is_not_is_refused(cutaway, tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    refused = cutaway("train", "text.txt", "--out", "made", "--architecture", "lama")
    assert refused.exit_code == 1
    assert "no architecture 'lama'. There are: gpt2, llama." in refused.stderr
    assert not (tmp_path / "made").exists()


def test_the_whole_definition_is_listed_as_json(other):
    listed = {step["name"]: step for sheet in json.loads(other("steps", "--json"))
              for step in sheet["steps"]}
    book = llama(LlamaConfig())
    assert listed.keys() == {node.step.name for node in book.nodes.values()}
