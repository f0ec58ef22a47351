"""GPT-2 as an ONNX graph, built from the weights: what ONNX Runtime is given.

With remembered keys and values, attention is ONNX Runtime's own GroupQueryAttention, which appends
to them in place; its exporter for generation writes the same. Without, attention is the standard's.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cutaway.models.config import Config

FLOAT, WHOLE, COUNT = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32


class Graph:
    """Nodes and numbers, one after the other; each method gives the name of what it adds."""

    def __init__(self, config: Config, weights: Mapping[str, np.ndarray]):
        self.config, self.weights = config, weights
        self.nodes: list[onnx.NodeProto] = []
        self.numbers: dict[str, onnx.TensorProto] = {}

    def add(self, operation: str, *inputs: str, outputs: tuple[str, ...] = (), **attributes) -> str:
        name = f"{operation}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, outputs or (name,), name=name,
                                           **attributes))
        return outputs[0] if outputs else name

    def number(self, name: str, array: np.ndarray | None = None) -> str:
        """A weight, or an array under a name of its own."""
        if name not in self.numbers:
            array = self.weights[name] if array is None else array
            self.numbers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def normal(self, stream: str, name: str) -> str:
        return self.add("LayerNormalization", stream, self.number(f"{name}_g"),
                        self.number(f"{name}_b"), axis=-1,
                        epsilon=self.config.layer_norm_epsilon)

    def product(self, rows: str, name: str) -> str:
        return self.add("Add", self.add("MatMul", rows, self.number(f"{name}_w")),
                        self.number(f"{name}_b"))

    def stream(self, remembered: bool) -> str:
        """Everything up to the language head's rows."""
        stream = self.add("Add", self.add("Gather", self.number("wte"), "ids"),
                          self.add("Gather", self.number("wpe"), "positions"))
        for block in range(self.config.n_layer):
            qkv = self.product(self.normal(stream, f"h{block}.ln_1"), f"h{block}.c_attn")
            attend = self.remembering_attention if remembered else self.attention
            joined = attend(qkv, block)
            stream = self.add("Add", stream, self.product(joined, f"h{block}.attn_c_proj"))
            inner = self.product(self.normal(stream, f"h{block}.ln_2"), f"h{block}.c_fc")
            inner = self.add("Gelu", inner, approximate="tanh")
            stream = self.add("Add", stream, self.product(inner, f"h{block}.mlp_c_proj"))
        return self.normal(stream, "ln_f")

    def parts(self, qkv: str, block: int) -> tuple[str, str, str]:
        names = f"queries_{block}", f"keys_{block}", f"values_{block}"
        self.add("Split", qkv, outputs=names, axis=-1, num_outputs=3)
        return names

    def attention(self, qkv: str, block: int) -> str:
        heads = self.config.n_head
        return self.add("Attention", *self.parts(qkv, block), is_causal=1, q_num_heads=heads,
                        kv_num_heads=heads)

    def remembering_attention(self, qkv: str, block: int) -> str:
        heads = self.config.n_head
        outputs = (f"joined_{block}", f"new_keys_{block}", f"new_values_{block}")
        return self.add("GroupQueryAttention", *self.parts(qkv, block), f"past_keys_{block}",
                        f"past_values_{block}", "last_index", "length", outputs=outputs,
                        domain="com.microsoft", num_heads=heads, kv_num_heads=heads)

    def head(self, final: str, last: bool) -> None:
        """The logits of all rows, or of the last one."""
        if last:
            end = self.number("end", np.array([-1]))
            final = self.add("Gather", final, end, axis=1)
        table = self.number("wte_columns", self.weights["wte"].T)
        self.add("MatMul", final, table, outputs=("logits",))

    def save(self, file: Path, inputs: list, outputs: list) -> None:
        graph = helper.make_graph(self.nodes, "gpt2", inputs, outputs, list(self.numbers.values()))
        model = helper.make_model(graph, ir_version=11, opset_imports=[
            helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)])
        onnx.save(model, str(file), save_as_external_data=True, location=f"{file.name}.data")


def _value(name: str, kind: int, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def write_prefill_graph(file: Path, config: Config, weights: Mapping[str, np.ndarray],
                        last: bool) -> None:
    """ids -> logits, of all rows or of the last one."""
    graph = Graph(config, weights)
    graph.head(graph.stream(remembered=False), last)
    graph.save(file, [_value("ids", WHOLE, 1, "n"), _value("positions", WHOLE, 1, "n")],
               [_value("logits", FLOAT, 1, "rows", config.vocab_size)])


def write_generation_graph(file: Path, config: Config, weights: Mapping[str, np.ndarray]) -> None:
    """ids and the tables remembered so far -> the last row's logits, and the longer tables."""
    graph = Graph(config, weights)
    graph.head(graph.stream(remembered=True), last=True)
    inputs = [_value("ids", WHOLE, 1, "n"), _value("positions", WHOLE, 1, "n"),
              _value("last_index", COUNT, 1), _value("length", COUNT)]
    outputs = [_value("logits", FLOAT, 1, 1, config.vocab_size)]
    shape = 1, config.n_head, config.n_positions, config.n_embd // config.n_head
    for block in range(config.n_layer):
        for part in ("keys", "values"):
            inputs.append(_value(f"past_{part}_{block}", FLOAT, *shape))
            outputs.append(_value(f"new_{part}_{block}", FLOAT, *shape))
    graph.save(file, inputs, outputs)
