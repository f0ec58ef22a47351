"""State dicts of other programs, wrapped and prefixed, against those programs' own logits."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from cutaway import NumpyEngine, gpt2, start_run
from cutaway.errors import ConfigError, CutawayError
from cutaway.models.config import Config
from cutaway.weights import Store, read_model_files
from tests.weights.other_programs import (
    HEADS,
    IDS,
    LLMsFromScratch,
    MinGPT,
    OldMinGPT,
    filled,
    logits_of,
)
from tests.weights.test_nanogpt import ARGUMENTS, NanoGPT

PEERS = {"minGPT": MinGPT, "minGPT of 2020": OldMinGPT, "LLMs-from-scratch": LLMsFromScratch,
         "LLMs-from-scratch with qkv_bias": lambda: LLMsFromScratch(bias=True),
         "nanoGPT": lambda: MinGPT(torch.nn.GELU()).tied(),
         "nanoGPT without biases": lambda: NanoGPT(ARGUMENTS)}


def logits(path, n_head: int | None = HEADS) -> np.ndarray:
    files = read_model_files(path, n_head=n_head)
    assert isinstance(files.config, Config)
    return start_run(gpt2(files.config), files.weights, np.array(IDS),
                     engine=NumpyEngine(np.float64))["logits"].array


def assert_its_logits(path, peer, n_head: int | None = HEADS) -> None:
    np.testing.assert_allclose(logits(path, n_head), logits_of(peer).numpy(), rtol=1e-5, atol=1e-5)


def refusal(path, n_head: int | None = HEADS) -> str:
    with pytest.raises(CutawayError) as caught:
        read_model_files(path, n_head=n_head)
    return str(caught.value)


@pytest.mark.parametrize("program", PEERS)
def test_a_state_dict_opens_to_its_programs_logits(program, tmp_path):
    peer = filled(PEERS[program]())
    torch.save(peer.state_dict(), tmp_path / "model.pth")
    assert_its_logits(tmp_path / "model.pth", peer)


@pytest.mark.parametrize("program", PEERS)
def test_the_store_keeps_it_and_says_what_it_was_taken_for(program, tmp_path):
    peer = filled(PEERS[program]())
    torch.save(peer.state_dict(), tmp_path / "model.pth")
    store = Store(tmp_path / "store")
    added = store.add(tmp_path / "model.pth", "kept", n_head=HEADS)
    assert program.split(" ")[0] in added.notes
    assert store.models() == [added]
    assert_its_logits(store.open("kept").folder, peer, n_head=None)


@pytest.mark.parametrize("program", ["minGPT", "LLMs-from-scratch"])
def test_safetensors_of_such_a_state_dict_open_as_well(program, tmp_path):
    peer = filled(PEERS[program]())
    save_file(peer.state_dict(), tmp_path / "model.safetensors")
    assert_its_logits(tmp_path, peer)


WRAPPED = {
    "state_dict": lambda state: {"state_dict": state},
    "Lightning": lambda state: {
        "epoch": 3, "global_step": 100, "pytorch-lightning_version": "2.5.0", "loops": {},
        "state_dict": {f"model.{name}": one for name, one in state.items()},
        "optimizer_states": [{"state": {}, "param_groups": []}], "lr_schedulers": [],
        "hyper_parameters": {"learning_rate": 3e-4, "model": {"n_head": HEADS}}},
    "DeepSpeed": lambda state: {"module": state, "optimizer": None, "global_steps": 5},
    "LLMs-from-scratch, ch05": lambda state: {
        "model_state_dict": state, "optimizer_state_dict": {"state": {}, "param_groups": []}},
    "two deep": lambda state: {"checkpoint": {"model": state, "step": 5}, "date": "today"},
    "DataParallel": lambda state: {f"module.{name}": one for name, one in state.items()},
    "compiled": lambda state: {f"_orig_mod.{name}": one for name, one in state.items()},
    "compiled in a module": lambda state: {
        f"net._orig_mod.{name}": one for name, one in state.items()},
    "FSDP": lambda state: {f"_fsdp_wrapped_module.{name}": one for name, one in state.items()},
    "with a loss": lambda state: {**{f"net.{name}": one for name, one in state.items()},
                                  "loss.weight": torch.ones(4)},
    "with a number": lambda state: {**state, "iteration": 5},
}


@pytest.mark.parametrize("program", ["minGPT", "LLMs-from-scratch"])
@pytest.mark.parametrize("wrapper", WRAPPED)
def test_what_wraps_a_state_dict_is_taken_off(program, wrapper, tmp_path):
    peer = filled(PEERS[program]())
    torch.save(WRAPPED[wrapper](peer.state_dict()), tmp_path / "x.ckpt")
    assert_its_logits(tmp_path, peer, n_head=None if wrapper == "Lightning" else HEADS)


@pytest.mark.parametrize(("wrapper", "left_out"), [
    ("Lightning", "epoch, global_step, pytorch-lightning_version, loops, optimizer_states and 2 "
                  "more."),
    ("DeepSpeed", "optimizer, global_steps."), ("two deep", "date, step."),
    ("with a loss", "loss.weight."), ("with a number", "iteration.")])
def test_what_is_left_out_is_named(wrapper, left_out, tmp_path):
    torch.save(WRAPPED[wrapper](filled(MinGPT()).state_dict()), tmp_path / "x.ckpt")
    notes = read_model_files(tmp_path, n_head=HEADS).notes
    assert notes[-1] == f"Left out, for it is no part of the model: {left_out}"


def test_what_transformers_saved_opens_from_a_wrapper(huggingface_model, tmp_path, numbers):
    """Its weights are not turned, and its config.json says the shape."""
    from tests.weights.peers import assert_same

    huggingface_model.config.save_pretrained(tmp_path)
    torch.save({"state_dict": {f"model.{name}": one
                               for name, one in huggingface_model.state_dict().items()},
                "optimizer": {}}, tmp_path / "x.ckpt")
    assert_same(read_model_files(tmp_path).weights, numbers)


def test_a_head_under_dialogpts_first_name_is_the_head(huggingface_model, tmp_path, numbers):
    state = huggingface_model.state_dict()
    state["lm_head.decoder.weight"] = state.pop("lm_head.weight")
    huggingface_model.config.save_pretrained(tmp_path)
    torch.save(state, tmp_path / "pytorch_model.bin")
    model = read_model_files(tmp_path)
    assert set(model.weights) == set(numbers)
    state["lm_head.decoder.weight"] = state["lm_head.decoder.weight"] + 1
    torch.save(state, tmp_path / "pytorch_model.bin")
    assert "lm_head" in read_model_files(tmp_path).weights


def test_a_config_beside_it_says_the_heads_or_another_curve(tmp_path):
    peer = filled(MinGPT().tied())
    torch.save(peer.state_dict(), tmp_path / "model.pt")
    (tmp_path / "config.json").write_text(json.dumps(
        {"n_head": HEADS, "activation_function": "gelu_new"}))
    assert_its_logits(tmp_path, peer, n_head=None)


def test_the_number_of_heads_is_asked_for_and_has_to_agree(tmp_path):
    state = filled(MinGPT()).state_dict()
    torch.save(state, tmp_path / "x.pt")
    assert refusal(tmp_path, None) == (
        "x.pt: there is no config.json, and the tensors do not tell the number of heads (n_embd 16 "
        "is none of the published 768, 1024, 1280, 1600). Say it, `cutaway add x.pt --heads N`, or "
        "put the model's config.json beside it.")
    assert "n_embd 16 cannot be split evenly into n_head 3" in refusal(tmp_path, 3)
    torch.save({"model": state, "config": {"n_heads": 4}}, tmp_path / "x.pt")
    assert refusal(tmp_path) == (
        "x.pt: the file says 4 heads, and --heads says 2 heads. Correct the one that is wrong.")
    (tmp_path / "config.json").write_text('{"n_head": 2}')
    assert refusal(tmp_path, None).startswith("x.pt: config.json says 2 heads, and the file says 4")


@pytest.mark.parametrize(("program", "name"), [
    ("minGPT", "transformer.h.1.attn.q_norm.weight"),
    ("nanoGPT", "transformer.h.0.mlp.gate.weight"),
    ("LLMs-from-scratch", "trf_blocks.0.att.q_norm.scale"), ("minGPT of 2020", "blocks.0.gate")])
def test_a_changed_block_is_refused_by_the_name_of_what_it_has_more(program, name, tmp_path):
    state = filled(PEERS[program]()).state_dict()
    torch.save({**state, name: torch.ones(8)}, tmp_path / "x.pt")
    assert f"its blocks hold {name}, which" in refusal(tmp_path)


def test_a_head_of_an_unknown_name_is_never_left_out(tmp_path):
    state = filled(MinGPT()).state_dict()
    state["unembed.weight"] = state.pop("lm_head.weight")
    torch.save(state, tmp_path / "x.pt")
    assert refusal(tmp_path) == (
        "x.pt: unembed.weight has the shape of the token table and may be the head, which GPT-2 "
        "calls lm_head.weight. Rename it if it is, or leave it out of the file.")


def test_a_part_of_queries_keys_and_values_is_refused(tmp_path):
    state = filled(LLMsFromScratch()).state_dict()
    del state["trf_blocks.1.att.W_key.weight"]
    torch.save(state, tmp_path / "x.pt")
    assert "and trf_blocks.1.att.W_key.weight is not" in refusal(tmp_path)
    state["trf_blocks.1.att.W_key.weight"] = torch.ones(3, 16)
    torch.save(state, tmp_path / "x.pt")
    assert "have different shapes or types" in refusal(tmp_path)


@pytest.mark.parametrize(("content", "words"), [
    ({"model": "state", "ema": "state"}, "holds several state dicts (model, ema). Save the one"),
    ({"a.tok_emb.weight": torch.ones(2, 2), "b.tok_emb.weight": torch.ones(2, 2)},
     "holds several token tables (a.tok_emb.weight, b.tok_emb.weight)"),
    ({"state": {0: {"step": torch.ones(1)}}, "param_groups": [{"lr": 0.1}]},
     "is the state of an optimizer"),
    ({"epoch": 5, "names": ["a"]}, "tensors by name are expected")])
def test_what_holds_no_model_or_several_says_so(content, words, tmp_path):
    state = filled(MinGPT()).state_dict()
    torch.save({name: dict(state) if one == "state" else one for name, one in content.items()},
               tmp_path / "x.pt")
    assert words in refusal(tmp_path)


def test_a_table_of_no_known_program_is_said_to_be_none_of_gpt2s(tmp_path):
    torch.save({"tok_emb.weight": torch.ones(4, 2), "layers.0.w": torch.ones(2)}, tmp_path / "x.pt")
    assert "none of GPT-2's tensors are in it" in refusal(tmp_path)


def test_the_command_line_takes_the_number_of_heads(tmp_path):
    from click.testing import CliRunner

    from cutaway.cli import main

    torch.save({"model": filled(MinGPT()).state_dict(), "optimizer": {}}, tmp_path / "x.pt")
    run = CliRunner().invoke(main, ["add", str(tmp_path / "x.pt"), "--heads", str(HEADS)])
    assert run.exit_code == 0, run.output
    said = " ".join(run.output.split())
    assert "It is taken for minGPT's, whose activation_function is 'gelu_new'" in said
    assert "Left out, for it is no part of the model: optimizer." in said


def test_two_that_say_other_numbers_of_heads_are_told(tmp_path):
    torch.save(filled(MinGPT()).state_dict(), tmp_path / "x.pt")
    (tmp_path / "config.json").write_text('{"n_head": 4}')
    with pytest.raises(ConfigError, match=r"config\.json says 4 heads, and --heads says 2 heads"):
        read_model_files(tmp_path, n_head=2)
