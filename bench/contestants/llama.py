"""llama.cpp, through llama-cpp-python's own functions of its C interface."""

import ctypes
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import numpy as np
from bench.contestants.gguf_file import write_gguf
from bench.random_model import open_random
from bench.worker import threads


class Generation:
    """numbers: "F32" or "Q8_0", as llama.cpp calls them"""

    def __init__(self, folder: str, work: str, numbers: str):
        file = Path(work) / f"gpt2-{numbers}.gguf"
        if not file.exists():
            write_gguf(file, open_random(Path(folder)), gguf.GGMLQuantizationType[numbers])
        llama_cpp.llama_backend_init()
        settings = llama_cpp.llama_model_default_params()
        self.model: Any = llama_cpp.llama_model_load_from_file(str(file).encode(), settings)
        if not self.model:
            raise OSError(f"llama.cpp does not open {file.name}")
        vocabulary: Any = llama_cpp.llama_model_get_vocab(self.model)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(vocabulary)
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx = settings.n_batch = settings.n_ubatch = 1024
        settings.n_threads = settings.n_threads_batch = threads()
        self.context: Any = llama_cpp.llama_init_from_model(self.model, settings)

    def run(self, prompt: list[int], count: int) -> list[int]:
        chosen = [int(self._next_logits(prompt, anew=True).argmax())]
        while len(chosen) < count:
            chosen.append(int(self._next_logits(chosen[-1:]).argmax()))
        return chosen

    def logits(self, prompt: list[int]) -> list[float]:
        return self._next_logits(prompt, anew=True).tolist()

    def _next_logits(self, ids: list[int], anew: bool = False) -> np.ndarray:
        """What follows the tokens so far and these.  anew: forget those so far"""
        if anew:
            memory: Any = llama_cpp.llama_get_memory(self.context)
            llama_cpp.llama_memory_clear(memory, True)
        array = (llama_cpp.llama_token * len(ids))(*ids)
        failed = llama_cpp.llama_decode(self.context,
                                        llama_cpp.llama_batch_get_one(array, len(ids)))
        if failed:
            raise OSError(f"llama.cpp's llama_decode gives {failed}")
        logits = llama_cpp.llama_get_logits_ith(self.context, -1)
        return np.ctypeslib.as_array(ctypes.cast(logits, ctypes.POINTER(ctypes.c_float)),
                                     (self.vocabulary,))
