"""OpenVINO: a plain torch module converted, with the remembered tables as the model's own state."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino
import torch
from bench.contestants.plain_torch import PlainGPT2
from bench.random_model import random_ids
from bench.worker import threads
from openvino import opset15 as operations
from torch.nn import functional

# A processor with bfloat16 would otherwise be used with that, and the remembered tables as 8 bits.
FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


class Remembering(torch.nn.Module):
    """GPT-2 whose keys and values so far come in, and go out longer."""

    def __init__(self, plain: PlainGPT2):
        super().__init__()
        self.plain = plain

    def forward(self, ids, positions, *remembered):
        plain, longer = self.plain, []
        total = remembered[0].shape[2] + ids.shape[1]
        mask = torch.arange(total)[None] <= positions[0][:, None]
        stream = plain.tables["wte"][ids] + plain.tables["wpe"][positions]
        for number, block in enumerate(plain.blocks):
            inner = plain.normal(stream, block["ln_1_g"], block["ln_1_b"])
            qkv = functional.linear(inner, block["c_attn_w"], block["c_attn_b"])
            queries, keys, values = (
                part.unflatten(2, (plain.config.n_head, -1)).transpose(1, 2)
                for part in qkv.split(plain.config.n_embd, dim=-1))
            keys = torch.cat([remembered[2 * number], keys], dim=2)
            values = torch.cat([remembered[2 * number + 1], values], dim=2)
            longer += [keys, values]
            mixed = functional.scaled_dot_product_attention(queries, keys, values, mask)
            joined = mixed.transpose(1, 2).flatten(2)
            stream = stream + functional.linear(joined, block["attn_c_proj_w"],
                                                block["attn_c_proj_b"])
            stream = stream + plain.mlp(stream, block)
        final = plain.normal(stream, plain.tables["ln_f_g"], plain.tables["ln_f_b"])
        return plain.logits(final[:, -1:]), *longer


class WithoutMemory(torch.nn.Module):
    """The logits of all rows, or of the last one."""

    def __init__(self, plain: PlainGPT2, last: bool):
        super().__init__()
        self.plain, self.last = plain, last

    def forward(self, ids):
        final = self.plain.final(ids)
        return self.plain.logits(final[-1:] if self.last else final)


class Generation:
    """numbers: "float32", or "int8": the tables of products, with a scale for each column"""

    def __init__(self, folder: str, numbers: str):
        plain = PlainGPT2(Path(folder))
        model = _remembering_model(plain)
        if numbers == "int8":
            _quantise(model)
        self.request = _compiled(model, FLOAT32 if numbers == "float32" else {}) \
            .create_infer_request()

    def run(self, prompt: list[int], count: int) -> list[int]:
        self.request.reset_state()
        ids, first = prompt, 0
        chosen: list[int] = []
        for _ in range(count):
            logits = self._next_logits(ids, first)
            first += len(ids)
            ids = [int(logits.argmax())]
            chosen += ids
        return chosen

    def logits(self, prompt: list[int]) -> list[float]:
        self.request.reset_state()
        return self._next_logits(prompt, 0).tolist()

    def _next_logits(self, ids: list[int], first: int) -> np.ndarray:
        positions = np.arange(first, first + len(ids))[None]
        self.request.infer({"ids": np.array([ids]), "positions": positions}, share_inputs=True)
        return self.request.get_output_tensor(0).data[0, 0]


class Prefill:
    def __init__(self, folder: str):
        plain = PlainGPT2(Path(folder))
        self.config = plain.config
        example = torch.tensor(random_ids(self.config, 8))
        self.models = {last: _compiled(openvino.convert_model(
            WithoutMemory(plain, last), example_input=(example,)), FLOAT32)
            for last in (False, True)}

    def run(self, tokens: int, last: bool) -> None:
        self._calculated(tokens, last)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens, last=False)[-1].tolist()

    def _calculated(self, tokens: int, last: bool) -> np.ndarray:
        ids = np.array(random_ids(self.config, tokens))
        return self.models[last]([ids], share_inputs=True, share_outputs=True)[0]


def _remembering_model(plain: PlainGPT2) -> Any:
    """The converted module, whose keys and values stay within it."""
    config = plain.config
    names = [f"{part}_{block}" for block in range(config.n_layer) for part in ("keys", "values")]
    table = torch.zeros(1, config.n_head, 3, config.n_embd // config.n_head)
    example = torch.zeros(1, 2, dtype=torch.int64), torch.tensor([[3, 4]]), *[table] * len(names)
    model = openvino.convert_model(Remembering(plain), example_input=example)
    for put, name in zip(model.inputs, ("ids", "positions", *names), strict=True):
        put.get_tensor().set_names({name})
        shape = [1, -1] if name in ("ids", "positions") else [1, config.n_head, -1, table.shape[3]]
        put.get_node().set_partial_shape(openvino.PartialShape(shape))
    for put, name in zip(model.outputs[1:], names, strict=True):
        put.get_tensor().set_names({f"longer_{name}"})
    model.validate_nodes_and_infer_types()
    from openvino._offline_transformations import apply_make_stateful_transformation

    apply_make_stateful_transformation(model, {name: f"longer_{name}" for name in names})
    return model


def _quantise(model: Any) -> None:
    """int8 tables in all products, in the form in which OpenVINO's own tool (NNCF) writes them."""
    for node in model.get_ops():
        if node.get_type_name() != "MatMul":
            continue
        constant = node.input_value(1).get_node()
        if constant.get_type_name() != "Constant":
            continue
        rows = constant.data  # outputs along the rows: torch's linear layers
        scales = np.abs(rows).max(axis=1, keepdims=True) / 127
        small = operations.constant(np.round(rows / scales).astype(np.int8))
        wide = operations.multiply(operations.convert(small, "f32"),
                                   operations.constant(scales.astype(np.float32)))
        node.input(1).replace_source_output(wide.output(0))


def _compiled(model: Any, settings: dict[str, str]) -> Any:
    return openvino.Core().compile_model(model, "CPU", {
        "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads(), **settings})
