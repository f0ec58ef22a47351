"""nanoGPT's `ckpt.pt` against its forward pass, stated here once more as nanoGPT publishes it."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cutaway import NumpyEngine, gpt2, open_model, start_run
from cutaway.errors import ConfigError, MissingTensors
from cutaway.models.config import BIASES, Config
from cutaway.weights import Store, read_model_files

IDS = np.array([3, 1, 4, 1, 5, 9, 2, 6])
ARGUMENTS = {"n_layer": 2, "n_head": 2, "n_embd": 16, "block_size": 12, "bias": False,
             "vocab_size": 23, "dropout": 0.1}


class LayerNorm(nn.Module):
    def __init__(self, width: int, bias: bool):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, bias: bool):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)

    def forward(self, x):
        tokens, width = x.shape
        q, k, v = (part.view(tokens, self.heads, width // self.heads).transpose(0, 1)
                   for part in self.c_attn(x).split(width, dim=1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        later = torch.ones(tokens, tokens).triu(1).bool()
        mixed = functional.softmax(scores.masked_fill(later, float("-inf")), dim=-1) @ v
        return self.c_proj(mixed.transpose(0, 1).reshape(tokens, width))


class MLP(nn.Module):
    def __init__(self, width: int, bias: bool):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width, bias=bias)
        self.c_proj = nn.Linear(4 * width, width, bias=bias)

    def forward(self, x):
        return self.c_proj(nn.GELU()(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width: int, heads: int, bias: bool):
        super().__init__()
        self.ln_1 = LayerNorm(width, bias)
        self.attn = Attention(width, heads, bias)
        self.ln_2 = LayerNorm(width, bias)
        self.mlp = MLP(width, bias)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class NanoGPT(nn.Module):
    def __init__(self, arguments):
        super().__init__()
        width, bias = arguments["n_embd"], arguments["bias"]
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(arguments["vocab_size"], width),
            "wpe": nn.Embedding(arguments["block_size"], width),
            "h": nn.ModuleList(Block(width, arguments["n_head"], bias)
                               for _ in range(arguments["n_layer"])),
            "ln_f": LayerNorm(width, bias)})
        self.lm_head = nn.Linear(width, arguments["vocab_size"], bias=False)
        self.transformer["wte"].weight = self.lm_head.weight

    def forward(self, ids):
        x = self.transformer["wte"](ids) + self.transformer["wpe"](torch.arange(len(ids)))
        blocks = self.transformer["h"]
        assert isinstance(blocks, nn.ModuleList)
        for block in blocks:
            x = block(x)
        return self.lm_head(self.transformer["ln_f"](x))


def trained(arguments) -> NanoGPT:
    peer = NanoGPT(arguments)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for tensor in peer.parameters():
            tensor.normal_(0.0, 0.3, generator=generator)
    return peer


def save(peer: NanoGPT, arguments, file, prefix="", turned=False) -> None:
    """As train.py does, with a real optimizer's state; `turned` as GPT-2's files have them."""
    state = {prefix + name: tensor.T.contiguous() if turned and tensor.ndim == 2
             and name.split(".")[-2] in ("c_attn", "c_proj", "c_fc") else tensor
             for name, tensor in peer.state_dict().items()}
    torch.save({"model": state, "optimizer": torch.optim.AdamW(peer.parameters()).state_dict(),
                "model_args": arguments, "iter_num": 250, "best_val_loss": torch.tensor(1.5),
                "config": {"dataset": "shakespeare", "learning_rate": 6e-4, "compile": True}},
               file)


def logits(path) -> np.ndarray:
    files = read_model_files(path)
    assert isinstance(files.config, Config)
    run = start_run(gpt2(files.config), files.weights, IDS, engine=NumpyEngine(np.float64))
    return run["logits"].array


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("prefix", ["", "_orig_mod."])
@pytest.mark.parametrize("turned", [False, True])
def test_a_checkpoint_opens_to_nanogpts_logits(bias, prefix, turned, tmp_path):
    arguments = ARGUMENTS | {"bias": bias}
    peer = trained(arguments)
    save(peer, arguments, tmp_path / "ckpt.pt", prefix, turned)
    with torch.no_grad():
        expected = peer(torch.from_numpy(IDS)).numpy()
    np.testing.assert_allclose(logits(tmp_path / "ckpt.pt"), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(logits(tmp_path), expected, rtol=1e-5, atol=1e-5)


def test_its_own_default_of_50304_rows_reads_texts_with_gpt2s_tokenizer(tmp_path):
    arguments = ARGUMENTS | {"vocab_size": 50_304, "n_embd": 4, "n_layer": 1}
    peer = trained(arguments)
    save(peer, arguments, tmp_path / "ckpt.pt", "_orig_mod.")
    run = open_model(tmp_path / "ckpt.pt", tokenizer="gpt2").run("Mike is quick. He moves")
    assert run["ids"].array.tolist() == [16073, 318, 2068, 13, 679, 6100]  # OpenAI's
    with torch.no_grad():
        expected = peer(torch.tensor(run["ids"].array.tolist())).numpy()
    np.testing.assert_allclose(run["logits"].array, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("n_layer", [200_000, 10**9, 10**30])
def test_more_blocks_than_a_book_can_be_made_of(n_layer, tmp_path):
    """Its files hold the head once more, which is compared with the token table."""
    save(trained(ARGUMENTS), ARGUMENTS | {"n_layer": n_layer}, tmp_path / "ckpt.pt")
    with pytest.raises(MissingTensors, match=f"says {n_layer} blocks, and there are tensors of 2"):
        read_model_files(tmp_path)


def test_its_arguments_are_the_shape(tmp_path):
    save(trained(ARGUMENTS), ARGUMENTS, tmp_path / "ckpt.pt")
    assert read_model_files(tmp_path).config == Config(
        23, n_positions=12, n_embd=16, n_layer=2, n_head=2, activation_function="gelu",
        missing_biases=BIASES)


def test_the_store_keeps_what_it_calculates(tmp_path):
    save(trained(ARGUMENTS), ARGUMENTS, tmp_path / "ckpt.pt", "_orig_mod.")
    store = Store(tmp_path / "store")
    store.add(tmp_path / "ckpt.pt", "shakespeare")
    np.testing.assert_array_equal(logits(store.open("shakespeare").folder),
                                  logits(tmp_path / "ckpt.pt"))


@pytest.mark.parametrize(("arguments", "message"), [
    (ARGUMENTS | {"n_kv_head": 1},
     "ckpt.pt: model_args has n_kv_head, which nanoGPT's own model does not have (vocab_size, "
     "block_size, n_embd, n_layer, n_head, bias, dropout): the numbers could come out wrong. "
     "Train it with nanoGPT's own model.py."),
    ({name: value for name, value in ARGUMENTS.items() if name != "bias"},
     "ckpt.pt: model_args does not say bias. Load it in the nanoGPT that wrote it, and save it "
     "with all of its arguments."),
    (ARGUMENTS | {"bias": 1},
     "ckpt.pt: bias in model_args is 1; True or False is expected. Correct it and save the file "
     "again."),
    (ARGUMENTS | {"n_embd": "16"}, "n_embd is '16'; a whole number of at least 1 is expected."),
    (ARGUMENTS | {"n_embd": None}, "n_embd is None; a whole number of at least 1 is expected.")])
def test_arguments_of_another_model_are_refused_by_name(arguments, message, tmp_path):
    save(trained(ARGUMENTS), arguments, tmp_path / "ckpt.pt")
    with pytest.raises(ConfigError) as caught:
        read_model_files(tmp_path)
    assert str(caught.value) == message
