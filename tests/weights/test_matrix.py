"""The matrix of docs/weights.md: twelve kinds of checkpoint, each cell against its own program.

Every file is made by the program's own writer, or from its published layout; the logits are its own
module's, the ids those of `transformers` for the same folder.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch
import transformers
from tokenizers import models as their_models
from tokenizers import pre_tokenizers

from cutaway import NumpyEngine, gpt2, open_model, start_run
from cutaway.errors import TokenizerFileError
from cutaway.models.config import Config
from cutaway.weights import ModelFiles, Store, export_huggingface, read_model_files
from tests.weights.other_programs import (
    HEADS,
    IDS,
    LLMsFromScratch,
    MinGPT,
    filled,
    logits_of,
    write_llmc,
)
from tests.weights.test_nanogpt import ARGUMENTS, NanoGPT, save
from tests.weights.test_places import put

TEXT = "the theth end, the then<|endoftext|>the  quick\n"
DOCS = Path(__file__).parents[2] / "docs" / "weights.md"
CELLS = ("opens", "same logits", "ids equal", "add", "export")
# config.json of distilgpt2 and of microsoft/DialoGPT-medium as they are published, but for sizes.
SUMMARY = {"summary_activation": None, "summary_first_dropout": 0.1, "summary_type": "cls_index",
           "summary_proj_to_labels": True, "summary_use_proj": True}
COMMON = {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
          "attn_pdrop": 0.1, "bos_token_id": 259, "embd_pdrop": 0.1, "eos_token_id": 259,
          "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
          "resid_pdrop": 0.1, **SUMMARY}
DISTILGPT2 = {**COMMON, "_num_labels": 1, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0},
              "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}}}
DIALOGPT = {**COMMON, "task_specific_params": {"conversational": {"max_length": 1000}}}


@dataclass(frozen=True)
class Made:
    """A checkpoint as its program leaves it.

    path       what is opened
    logits     what its own module gives for IDS (position vocabulary)
    tokenizer  the folder of its tokenizer; None where none belongs to it
    n_head     how many heads it has, where no file says it
    """

    path: Path | str
    logits: np.ndarray
    tokenizer: Path | None = None
    n_head: int | None = None


def their_tokenizer(first: tuple[str, ...] = (), last: tuple[str, ...] = ("<|endoftext|>",)
                    ) -> transformers.PreTrainedTokenizerFast:
    """A byte-level tokenizer of 260 tokens, of which the special ones come first or last."""
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the")]
    merged = ["".join(pair) for pair in merges]
    tokens = [*first, *sorted(pre_tokenizers.ByteLevel.alphabet()), *merged, *last]
    whole = tokenizers.Tokenizer(their_models.BPE({one: id for id, one in enumerate(tokens)},
                                                  merges))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = tokenizers.decoders.ByteLevel()
    whole.add_special_tokens([*first, *last])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=whole, eos_token="<|endoftext|>")


def their_model(rows: int = 260) -> transformers.GPT2LMHeadModel:
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=rows, n_positions=12, n_embd=16, n_layer=2, n_head=HEADS, bos_token_id=None,
        eos_token_id=None))
    filled(model)
    return model


def theirs(model: transformers.GPT2LMHeadModel) -> np.ndarray:
    with torch.no_grad():
        return model(torch.tensor([IDS])).logits[0].numpy()


def of_transformers(folder: Path) -> Made:
    model = their_model()
    model.save_pretrained(folder)
    their_tokenizer().save_pretrained(folder)
    return Made(folder, theirs(model), folder)


def of_nanogpt(folder: Path) -> Made:
    arguments = ARGUMENTS | {"vocab_size": 260}
    peer = NanoGPT(arguments)
    filled(peer)
    save(peer, arguments, folder / "ckpt.pt", "_orig_mod.")
    return Made(folder / "ckpt.pt", logits_of(peer).numpy())


def of_mingpt(folder: Path) -> Made:
    peer = filled(MinGPT(tokens=260))
    torch.save(peer.state_dict(), folder / "model.pt")
    return Made(folder / "model.pt", logits_of(peer).numpy(), n_head=HEADS)


def of_llms_from_scratch(folder: Path) -> Made:
    peer = filled(LLMsFromScratch(tokens=260))
    torch.save(peer.state_dict(), folder / "model.pth")
    return Made(folder / "model.pth", logits_of(peer).numpy(), n_head=HEADS)


def of_llmc(folder: Path) -> Made:
    peer = MinGPT(tokens=260).tied()
    filled(peer)
    write_llmc(peer, folder / "gpt2.bin")
    return Made(folder / "gpt2.bin", logits_of(peer).numpy())


def of_lightning(folder: Path) -> Made:
    """What Trainer.save_checkpoint writes of a LightningModule whose `model` is transformers'."""
    model = their_model()
    torch.save({"epoch": 1, "global_step": 10, "pytorch-lightning_version": "2.5.0",
                "state_dict": {f"model.{name}": one for name, one in model.state_dict().items()},
                "loops": {}, "callbacks": {}, "lr_schedulers": [],
                "optimizer_states": [torch.optim.AdamW(model.parameters()).state_dict()],
                "hparams_name": "kwargs", "hyper_parameters": {"n_head": HEADS, "lr": 3e-4}},
               folder / "epoch=1-step=10.ckpt")
    return Made(folder / "epoch=1-step=10.ckpt", theirs(model))


def of_published(folder: Path, fields: dict, tokenizer_config: dict) -> Made:
    """vocab.json, merges.txt and a .bin with the masks that transformers 2 to 4.30 kept."""
    model = their_model()
    state = dict(model.state_dict())
    for block in range(2):
        mask = torch.tril(torch.ones(12, 12, dtype=torch.uint8))[None, None]
        state[f"transformer.h.{block}.attn.bias"] = mask
        state[f"transformer.h.{block}.attn.masked_bias"] = torch.tensor(-1e4)
    torch.save(state, folder / "pytorch_model.bin")
    sizes = {"n_ctx": 12, "n_embd": 16, "n_head": HEADS, "n_layer": 2, "n_positions": 12,
             "vocab_size": 260}
    (folder / "config.json").write_text(json.dumps(fields | sizes))
    whole = their_tokenizer().backend_tokenizer
    whole.model.save(str(folder))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    return Made(folder, theirs(model), folder)


def of_distilgpt2(folder: Path) -> Made:
    return of_published(folder, DISTILGPT2, {"model_max_length": 1024})


def of_dialogpt(folder: Path) -> Made:
    return of_published(folder, DIALOGPT, {
        "model_max_length": 1024, "chat_template":
            "{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}"})


def of_added_tokens(folder: Path) -> Made:
    """Special tokens added, and the embeddings resized for them to a multiple of 8."""
    tokenizer, model = their_tokenizer(), their_model()
    tokenizer.add_special_tokens({"pad_token": "<pad>", "additional_special_tokens": ["<user>"]})
    model.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=8)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Made(folder, theirs(model), folder)


def of_special_first(folder: Path) -> Made:
    model = their_model(263)
    model.save_pretrained(folder)
    their_tokenizer(("<s>", "<pad>", "</s>", "<|endoftext|>"), ()).save_pretrained(folder)
    return Made(folder, theirs(model), folder)


def of_trainer(folder: Path) -> Made:
    of_transformers(folder / "checkpoint-500")
    (folder / "checkpoint-500" / "model.safetensors").write_bytes(b"an older one")
    made = of_transformers(folder / "checkpoint-1000")
    return replace(made, path=folder)


def of_cache(folder: Path) -> Made:
    made = of_transformers(folder)
    put(Path(os.environ["HF_HUB_CACHE"]), "someone/tiny", folder)
    return replace(made, path="someone/tiny")


def of_letters(folder: Path) -> Made:
    """nanoGPT's shakespeare_char: 65 letters, whose ids are in a pickle elsewhere."""
    arguments = ARGUMENTS | {"vocab_size": 65}
    peer = NanoGPT(arguments)
    filled(peer)
    save(peer, arguments, folder / "ckpt.pt")
    return Made(folder / "ckpt.pt", logits_of(peer).numpy())


KINDS: dict[str, Callable[[Path], Made]] = {
    "transformers": of_transformers, "nanoGPT": of_nanogpt, "minGPT": of_mingpt,
    "LLMs-from-scratch": of_llms_from_scratch, "llm.c": of_llmc, "Lightning": of_lightning,
    "DistilGPT2": of_distilgpt2, "DialoGPT": of_dialogpt, "added tokens": of_added_tokens,
    "special ids first": of_special_first, "Trainer's folder": of_trainer,
    "Hugging Face cache": of_cache, "letters": of_letters,
}


@pytest.fixture(params=KINDS)
def made(request, tmp_path) -> Made:
    folder = tmp_path / "made"
    folder.mkdir()
    return KINDS[request.param](folder)


def logits(files: ModelFiles) -> np.ndarray:
    assert isinstance(files.config, Config)
    return start_run(gpt2(files.config), files.weights, np.array(IDS),
                     engine=NumpyEngine(np.float64))["logits"].array


def test_it_opens_to_its_own_logits(made):
    files = read_model_files(made.path, n_head=made.n_head)
    np.testing.assert_allclose(logits(files), made.logits, rtol=1e-5, atol=1e-5)


def test_it_is_added_with_every_digit(made):
    store = Store()
    store.add(made.path, "kept", n_head=made.n_head)
    np.testing.assert_array_equal(logits(store.open("kept")),
                                  logits(read_model_files(made.path, n_head=made.n_head)))


def test_what_is_exported_gives_transformers_its_logits(made, tmp_path):
    files = read_model_files(made.path, n_head=made.n_head)
    export_huggingface(files.config, files.weights, files.tokenizer_folder, tmp_path / "out")
    model = transformers.GPT2LMHeadModel.from_pretrained(tmp_path / "out",
                                                         attn_implementation="eager")
    np.testing.assert_allclose(theirs(model), made.logits, rtol=1e-4, atol=1e-5)
    if made.tokenizer is not None:
        peer = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
        assert peer.encode(TEXT) == transformers.AutoTokenizer.from_pretrained(
            made.tokenizer).encode(TEXT)


def test_ids_are_those_of_transformers_for_its_tokenizer_or_for_the_given_one(made, tmp_path):
    files = read_model_files(made.path, n_head=made.n_head)
    assert (files.tokenizer_folder is None) == (made.tokenizer is None)
    if files.config.vocab_size == 65:
        return  # of letters: the next test
    folder = made.tokenizer or tmp_path / "given"
    if made.tokenizer is None:
        their_tokenizer().save_pretrained(folder)
    Store().add(made.path, "kept", tokenizer=None if made.tokenizer else folder,
                n_head=made.n_head)
    ids = open_model("kept").tokenizer.encode_with_special(TEXT)
    assert ids == transformers.AutoTokenizer.from_pretrained(folder).encode(TEXT)


def test_a_vocabulary_of_letters_is_refused_by_name_and_never_unpickled(tmp_path):
    of_letters(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(TokenizerFileError, match=r"meta\.pkl is nanoGPT's vocabulary of letters"):
        Store().add(tmp_path / "ckpt.pt", tokenizer=tmp_path / "data")
    with pytest.raises(TokenizerFileError, match=r"meta\.pkl is nanoGPT's vocabulary of letters"):
        open_model(tmp_path / "ckpt.pt", tokenizer=tmp_path / "data")


def test_added_tokens_that_are_not_special_are_refused_by_name(tmp_path):
    """Their weights open; the ids would need a cut before the merges."""
    made = of_added_tokens(tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.add_tokens(["fox-trot"])
    tokenizer.save_pretrained(tmp_path)
    np.testing.assert_allclose(logits(read_model_files(tmp_path)), made.logits, rtol=1e-5,
                               atol=1e-5)
    with pytest.raises(TokenizerFileError, match="'fox-trot' cut out of every text"):
        open_model(tmp_path)


def test_the_documentation_has_the_same_matrix():
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in DOCS.read_text(encoding="utf-8").splitlines()
            if re.match(r"\| \*\*", line)]
    assert {re.findall(r"\*\*(.*?)\*\*", row[0])[0] for row in rows} == set(KINDS)
    assert all(len(row) == 1 + len(CELLS) for row in rows)
    refused = {row[0]: [name for name, cell in zip(CELLS, row[1:], strict=True)
                        if not cell.startswith("yes")] for row in rows}
    assert {name.split("**")[1]: cells for name, cells in refused.items() if cells} == {
        "letters": ["ids equal"]}
