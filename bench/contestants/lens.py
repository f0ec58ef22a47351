"""TransformerLens: TransformerBridge around Hugging Face's model, and run_with_cache."""

from typing import Any

import torch
from bench.contestants.made_up_tokenizer import made_up_tokenizer
from bench.contestants.torch_ids import to_tensor
from bench.random_model import config_of, random_ids
from bench.worker import threads
from transformer_lens.model_bridge import TransformerBridge
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast


class Workbook:
    def __init__(self, folder: str):
        torch.set_num_threads(threads())
        torch.set_grad_enabled(False)
        self.config = config_of(folder)
        end = f"t{self.config.vocab_size - 1}"
        model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager",
                                                dtype=torch.float32).eval()
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=made_up_tokenizer(self.config.vocab_size), name_or_path="made-up",
            add_bos_token=True, bos_token=end, eos_token=end, pad_token=end)
        self.bridge: Any = TransformerBridge.boot_transformers(
            "gpt2", hf_model=model, tokenizer=tokenizer, device="cpu")

    def run(self, tokens: int) -> None:
        self._calculated(tokens)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens)[0][0, -1].tolist()

    def kept(self, tokens: int) -> list[int]:
        _, cache = self._calculated(tokens)
        tables = [cache[name] for name in cache]
        return [len(tables), sum(table.nbytes for table in tables)]

    def _calculated(self, tokens: int) -> Any:
        return self.bridge.run_with_cache(to_tensor(random_ids(self.config, tokens)))
