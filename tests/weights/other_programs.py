"""Programs that state GPT-2 in PyTorch, each plainly once more as it publishes itself.

One module serves those whose forward pass is the same but for names: the names are what differ.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

IDS = [3, 1, 4, 1, 5, 9, 2, 6]
WIDTH, HEADS, BLOCKS, PLACES, TOKENS = 16, 2, 2, 12, 23


def tanh_gelu(x: torch.Tensor) -> torch.Tensor:
    """NewGELU of minGPT and of llm.c's train_gpt2.py, GELU of LLMs-from-scratch."""
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, heads: int) -> torch.Tensor:
    """Causal attention of rows (position embed), head by head."""
    tokens, width = q.shape
    q, k, v = (part.view(tokens, heads, width // heads).transpose(0, 1) for part in (q, k, v))
    scores = q @ k.transpose(1, 2) / math.sqrt(width // heads)
    later = torch.ones(tokens, tokens).triu(1).bool()
    mixed = functional.softmax(scores.masked_fill(later, -torch.inf), dim=-1) @ v
    return mixed.transpose(0, 1).reshape(tokens, width)


class MinGPTAttention(nn.Module):
    """karpathy/minGPT, CausalSelfAttention: one product for all three, and a mask that is saved."""

    def __init__(self, width: int, heads: int, places: int):
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.register_buffer("bias", torch.tril(torch.ones(places, places))[None, None])
        self.heads = heads

    def forward(self, x):
        q, k, v = self.c_attn(x).chunk(3, dim=1)
        return self.c_proj(attend(q, k, v, self.heads))


class MinGPT(nn.Module):
    """karpathy/minGPT, mingpt/model.py (2022): a head of its own, the GELU of tanh."""

    def __init__(self, curve: Callable = tanh_gelu, *, places: int = PLACES, tokens: int = TOKENS):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(tokens, WIDTH), "wpe": nn.Embedding(places, WIDTH),
            "h": nn.ModuleList(nn.ModuleDict({
                "ln_1": nn.LayerNorm(WIDTH), "attn": MinGPTAttention(WIDTH, HEADS, places),
                "ln_2": nn.LayerNorm(WIDTH), "mlp": nn.ModuleDict({
                    "c_fc": nn.Linear(WIDTH, 4 * WIDTH), "c_proj": nn.Linear(4 * WIDTH, WIDTH)}),
            }) for _ in range(BLOCKS)),
            "ln_f": nn.LayerNorm(WIDTH)})
        self.lm_head = nn.Linear(WIDTH, tokens, bias=False)
        self.curve = curve

    def tied(self) -> "MinGPT":
        """The same module with the token table as its head, as nanoGPT has it."""
        table = self.transformer["wte"].weight
        assert isinstance(table, nn.Parameter)
        self.lm_head.weight = table
        return self

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        parts: dict = dict(self.transformer.items())
        x = parts["wte"](ids) + parts["wpe"](torch.arange(len(ids)))
        for block in parts["h"]:
            x = x + block["attn"](block["ln_1"](x))
            mlp = block["mlp"]
            x = x + mlp["c_proj"](self.curve(mlp["c_fc"](block["ln_2"](x))))
        return self.lm_head(parts["ln_f"](x))


class OldAttention(nn.Module):
    """karpathy/minGPT of 2020: queries, keys and values apart, in another order in the file."""

    def __init__(self):
        super().__init__()
        self.key, self.query, self.value, self.proj = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.register_buffer("mask", torch.tril(torch.ones(PLACES, PLACES))[None, None])

    def forward(self, x):
        return self.proj(attend(self.query(x), self.key(x), self.value(x), HEADS))


class OldMinGPT(nn.Module):
    """karpathy/minGPT, mingpt/model.py (2020): names of its own, nn.GELU, places in one tensor."""

    def __init__(self):
        super().__init__()
        self.tok_emb = nn.Embedding(TOKENS, WIDTH)
        self.pos_emb = nn.Parameter(torch.zeros(1, PLACES, WIDTH))
        self.blocks = nn.Sequential(*(nn.ModuleDict({
            "ln1": nn.LayerNorm(WIDTH), "ln2": nn.LayerNorm(WIDTH), "attn": OldAttention(),
            "mlp": nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(),
                                 nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(0.0))})
            for _ in range(BLOCKS)))
        self.ln_f = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, TOKENS, bias=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tok_emb(ids) + self.pos_emb[0, :len(ids)]
        for block in self.blocks:
            parts: dict = dict(block.items())  # type: ignore
            x = x + parts["attn"](parts["ln1"](x))
            x = x + parts["mlp"](parts["ln2"](x))
        return self.head(self.ln_f(x))


class ScratchNorm(nn.Module):
    """rasbt/LLMs-from-scratch, LayerNorm: `scale` and `shift`, the variance over all of the row."""

    def __init__(self):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.ones(WIDTH)) for _ in range(2))

    def forward(self, x):
        variance = x.var(dim=-1, keepdim=True, unbiased=False)
        return self.scale * (x - x.mean(-1, keepdim=True)) / torch.sqrt(variance + 1e-5) + \
            self.shift


class ScratchAttention(nn.Module):
    """rasbt/LLMs-from-scratch, MultiHeadAttention: three products, usually without biases."""

    def __init__(self, bias: bool):
        super().__init__()
        self.W_query, self.W_key, self.W_value = (nn.Linear(WIDTH, WIDTH, bias=bias)
                                                  for _ in range(3))
        self.out_proj = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("mask", torch.triu(torch.ones(PLACES, PLACES), diagonal=1))

    def forward(self, x):
        return self.out_proj(attend(self.W_query(x), self.W_key(x), self.W_value(x), HEADS))


class ScratchGELU(nn.Module):
    """The same curve as a module, so that `layers` counts it."""

    def forward(self, x):
        return tanh_gelu(x)


class LLMsFromScratch(nn.Module):
    """rasbt/LLMs-from-scratch, ch04: GPTModel."""

    def __init__(self, bias: bool = False, *, tokens: int = TOKENS):
        super().__init__()
        self.tok_emb, self.pos_emb = nn.Embedding(tokens, WIDTH), nn.Embedding(PLACES, WIDTH)
        self.trf_blocks = nn.Sequential(*(nn.ModuleDict({
            "att": ScratchAttention(bias), "norm1": ScratchNorm(), "norm2": ScratchNorm(),
            "ff": nn.ModuleDict({"layers": nn.Sequential(
                nn.Linear(WIDTH, 4 * WIDTH), ScratchGELU(), nn.Linear(4 * WIDTH, WIDTH))})})
            for _ in range(BLOCKS)))
        self.final_norm = ScratchNorm()
        self.out_head = nn.Linear(WIDTH, tokens, bias=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tok_emb(ids) + self.pos_emb(torch.arange(len(ids)))
        for block in self.trf_blocks:
            parts: dict = dict(block.items())  # type: ignore
            x = x + parts["att"](parts["norm1"](x))
            x = x + parts["ff"]["layers"](parts["norm2"](x))
        return self.out_head(self.final_norm(x))


def filled(peer: nn.Module, seed: int = 5) -> nn.Module:
    """The module with other numbers in every parameter, its biases and gains as well."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in peer.parameters():
            tensor.normal_(0.0, 0.3, generator=generator)
    return peer.eval()


def logits_of(peer: nn.Module, ids: list[int] | None = None) -> torch.Tensor:
    """What the module itself gives (position vocabulary)."""
    with torch.no_grad():
        return peer(torch.tensor(IDS if ids is None else ids))


LLMC_IN_BLOCK = (
    "ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight",
    "attn.c_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias",
    "mlp.c_proj.weight", "mlp.c_proj.bias")


def write_llmc(peer: MinGPT, path: Path, dtype: torch.dtype = torch.float32) -> None:
    """As write_model of train_gpt2.py: the token table made up to 128 rows, blocks together."""
    state = {name.removeprefix("transformer."): tensor.detach().to(dtype)
             for name, tensor in peer.state_dict().items()}
    tokens = len(state["wte.weight"])
    state["wte.weight"] = functional.pad(state["wte.weight"], (0, 0, 0, -tokens % 128))
    version = 3 if dtype == torch.float32 else 5
    header = [20240326, version, PLACES, tokens, BLOCKS, HEADS, WIDTH, tokens + -tokens % 128]
    with path.open("wb") as file:
        file.write(np.array(header + [0] * (256 - len(header)), np.int32).tobytes())
        for name in ("wte.weight", "wpe.weight", *(f"h.{block}.{one}" for one in LLMC_IN_BLOCK
                                                   for block in range(BLOCKS)),
                     "ln_f.weight", "ln_f.bias"):
            tensor = state[name]
            file.write((tensor.view(torch.int16) if version == 5 else tensor).numpy().tobytes())
