"""ONNX Runtime on a graph of its own operations, its buffers bound, so that nothing is copied."""

from pathlib import Path

import numpy as np
import onnxruntime
from bench.contestants.onnx_graph import write_generation_graph, write_prefill_graph
from bench.random_model import open_random, random_ids
from bench.worker import threads
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic


def open_session(file: Path) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])


class Generation:
    """numbers: "float32", or "int8" as ONNX Runtime's own dynamic quantisation makes it"""

    def __init__(self, folder: str, work: str, numbers: str):
        model, config = open_random(Path(folder)), open_random(Path(folder)).config
        file = Path(work) / "generation.onnx"
        if not file.exists():
            write_generation_graph(file, config, model.weights)
        if numbers == "int8":
            file = _quantised(file)
        self.session = open_session(file)
        shape = 1, config.n_head, config.n_positions, config.n_embd // config.n_head
        self.binding = self.session.io_binding()
        self.tables = []
        for block in range(config.n_layer):
            for part in ("keys", "values"):
                table = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
                self.tables.append(table)  # read and appended to in the same place
                self.binding.bind_ortvalue_input(f"past_{part}_{block}", table)
                self.binding.bind_ortvalue_output(f"new_{part}_{block}", table)
        self.logits_row = np.zeros((1, 1, config.vocab_size), np.float32)
        self.binding.bind_ortvalue_output(
            "logits", onnxruntime.OrtValue.ortvalue_from_numpy(self.logits_row))

    def run(self, prompt: list[int], count: int) -> list[int]:
        ids, first = prompt, 0
        chosen: list[int] = []
        for _ in range(count):
            logits = self._next_logits(ids, first)
            first += len(ids)
            ids = [int(logits.argmax())]
            chosen += ids
        return chosen

    def logits(self, prompt: list[int]) -> list[float]:
        return self._next_logits(prompt, 0).tolist()

    def _next_logits(self, ids: list[int], first: int) -> np.ndarray:
        end = first + len(ids)
        inputs = {"ids": np.array([ids]), "positions": np.arange(first, end)[None],
                  "last_index": np.array([end - 1], np.int32), "length": np.array(end, np.int32)}
        for name, array in inputs.items():
            self.binding.bind_cpu_input(name, array)
        self.session.run_with_iobinding(self.binding)
        return self.logits_row[0, 0]


class Prefill:
    def __init__(self, folder: str, work: str):
        model = open_random(Path(folder))
        self.config, self.sessions = model.config, {}
        for last in (False, True):
            file = Path(work) / f"prefill-{'last' if last else 'all'}.onnx"
            if not file.exists():
                write_prefill_graph(file, model.config, model.weights, last)
            self.sessions[last] = open_session(file)

    def run(self, tokens: int, last: bool) -> None:
        self._calculated(tokens, last)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens, last=False)[0, -1].tolist()

    def _calculated(self, tokens: int, last: bool) -> np.ndarray:
        ids = np.array([random_ids(self.config, tokens)])
        inputs = {"ids": ids, "positions": np.arange(tokens)[None]}
        return self.sessions[last].run(["logits"], inputs)[0]  # type: ignore[index,return-value]


def _quantised(file: Path) -> Path:
    """The same graph with int8 tables in its products, one scale a column."""
    small = file.with_name(f"{file.stem}-int8.onnx")
    if not small.exists():
        quantize_dynamic(str(file), str(small), op_types_to_quantize=["MatMul"], per_channel=True,
                         weight_type=QuantType.QInt8, use_external_data_format=True,
                         extra_options={"DefaultTensorType": TensorProto.FLOAT})
    return small
