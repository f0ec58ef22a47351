"""A plain loop in torch, written for this purpose: linear layers, fused attention, a KV cache."""

from pathlib import Path

import torch
from bench.random_model import open_random, random_ids
from bench.worker import threads
from torch import Tensor
from torch.nn import functional

Cache = list[tuple[Tensor, Tensor]]


class PlainGPT2:
    """GPT-2 of a folder. The wide tables are stored as torch's linear layers store them."""

    def __init__(self, folder: Path):
        torch.set_num_threads(threads())
        torch.set_grad_enabled(False)
        model = open_random(folder)
        self.config = model.config
        self.tables: dict[str, Tensor] = {}
        self.blocks: list[dict[str, Tensor]] = [{} for _ in range(self.config.n_layer)]
        for name in model.weights:
            table = torch.from_numpy(model.weights[name].copy())
            table = table.T.contiguous() if name.endswith("_w") else table
            sheet, _, own = name.rpartition(".")
            (self.blocks[int(sheet[1:])] if sheet else self.tables)[own] = table

    def new_cache(self) -> Cache:
        shape = (1, self.config.n_head, self.config.n_positions,
                 self.config.n_embd // self.config.n_head)
        return [(torch.empty(shape), torch.empty(shape)) for _ in self.blocks]

    def final(self, ids: Tensor, first: int = 0, cache: Cache | None = None) -> Tensor:
        """The rows that the language head reads.

        ids    (position) the new tokens, with `first` tokens before them
        cache  gets the new keys and values
        """
        tables = self.tables
        stream = tables["wte"][ids] + tables["wpe"][first:first + ids.shape[0]]
        for number, block in enumerate(self.blocks):
            remembered = cache[number] if cache else None
            stream = stream + self._attention(stream, block, first, remembered)
            stream = stream + self.mlp(stream, block)
        return self.normal(stream, tables["ln_f_g"], tables["ln_f_b"])

    def logits(self, final: Tensor) -> Tensor:
        return functional.linear(final, self.tables["wte"])

    def normal(self, rows: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
        return functional.layer_norm(rows, rows.shape[-1:], gain, bias,
                                     self.config.layer_norm_epsilon)

    def _attention(self, stream: Tensor, block: dict[str, Tensor], first: int,
                   remembered: tuple[Tensor, Tensor] | None) -> Tensor:
        inner = self.normal(stream, block["ln_1_g"], block["ln_1_b"])
        qkv = functional.linear(inner, block["c_attn_w"], block["c_attn_b"])
        heads = qkv.unflatten(1, (3, self.config.n_head, -1)).permute(1, 2, 0, 3)[:, None]
        queries, keys, values = heads.unbind()
        if remembered:
            end = first + stream.shape[0]
            for table, new in zip(remembered, (keys, values), strict=True):
                table[:, :, first:end] = new
            keys, values = (table[:, :, :end] for table in remembered)
        mixed = functional.scaled_dot_product_attention(queries, keys, values,
                                                        is_causal=bool(stream.shape[0] > 1))
        joined = mixed[0].transpose(0, 1).flatten(1)
        return functional.linear(joined, block["attn_c_proj_w"], block["attn_c_proj_b"])

    def mlp(self, stream: Tensor, block: dict[str, Tensor]) -> Tensor:
        inner = self.normal(stream, block["ln_2_g"], block["ln_2_b"])
        inner = functional.linear(inner, block["c_fc_w"], block["c_fc_b"])
        inner = functional.gelu(inner, approximate="tanh")
        return functional.linear(inner, block["mlp_c_proj_w"], block["mlp_c_proj_b"])


class Generation:
    def __init__(self, folder: str):
        self.model = PlainGPT2(Path(folder))

    def run(self, prompt: list[int], count: int) -> list[int]:
        cache, ids, first = self.model.new_cache(), prompt, 0
        chosen: list[int] = []
        for _ in range(count):
            final = self.model.final(torch.tensor(ids), first, cache)
            first += len(ids)
            ids = [int(self.model.logits(final[-1]).argmax())]
            chosen += ids
        return chosen

    def logits(self, prompt: list[int]) -> list[float]:
        return self.model.logits(self.model.final(torch.tensor(prompt))[-1]).tolist()


class Prefill:
    def __init__(self, folder: str):
        self.model = PlainGPT2(Path(folder))

    def run(self, tokens: int, last: bool) -> None:
        self._calculated(tokens, last)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens, last=True)[0].tolist()

    def _calculated(self, tokens: int, last: bool) -> Tensor:
        final = self.model.final(torch.tensor(random_ids(self.model.config, tokens)))
        return self.model.logits(final[-1:] if last else final)
