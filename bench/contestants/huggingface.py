"""Hugging Face's GPT2LMHeadModel."""

from typing import Any

import torch
from bench.contestants.torch_ids import to_tensor
from bench.random_model import config_of, random_ids
from bench.worker import threads
from transformers import GPT2LMHeadModel


class Contestant:
    """The model, with `attention` as its implementation calls it."""

    def __init__(self, folder: str, attention: str = "sdpa"):
        torch.set_num_threads(threads())
        torch.set_grad_enabled(False)
        self.model: Any = GPT2LMHeadModel.from_pretrained(
            folder, attn_implementation=attention, dtype=torch.float32).eval()
        self.config = config_of(folder)
        self.model.generation_config.eos_token_id = None


class Generation(Contestant):
    def run(self, prompt: list[int], count: int) -> list[int]:
        ids = to_tensor(prompt)
        made = self.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count,
                                   min_new_tokens=count, do_sample=False, pad_token_id=0)
        return made[0, len(prompt):].tolist()

    def logits(self, prompt: list[int]) -> list[float]:
        return self.model(to_tensor(prompt)).logits[0, -1].tolist()


class Prefill(Contestant):
    def run(self, tokens: int, last: bool) -> None:
        ids = to_tensor(random_ids(self.config, tokens))
        self.model(ids, logits_to_keep=1 if last else 0, use_cache=False)

    def logits(self, tokens: int) -> list[float]:
        return self.model(to_tensor(random_ids(self.config, tokens))).logits[0, -1].tolist()


class Workbook(Contestant):
    """With hidden states and attentions, which eager attention alone can give."""

    def __init__(self, folder: str):
        super().__init__(folder, attention="eager")

    def run(self, tokens: int) -> None:
        self._calculated(tokens)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens).logits[0, -1].tolist()

    def kept(self, tokens: int) -> list[int]:
        made = self._calculated(tokens)
        tables = [made.logits, *made.hidden_states, *made.attentions]
        return [len(tables), sum(table.nbytes for table in tables)]

    def _calculated(self, tokens: int) -> Any:
        return self.model(to_tensor(random_ids(self.config, tokens)), output_hidden_states=True,
                          output_attentions=True, use_cache=False)
