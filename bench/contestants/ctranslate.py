"""CTranslate2, with the weights that its own converter writes."""

from pathlib import Path

import ctranslate2
import numpy as np
import transformers
from bench.contestants.made_up_tokenizer import made_up_tokenizer
from bench.random_model import config_of
from bench.worker import threads
from ctranslate2.converters import TransformersConverter


class Generation:
    """numbers: "float32" or "int8" """

    def __init__(self, folder: str, work: str, numbers: str):
        converted = Path(work) / f"ctranslate2-{numbers}"
        if not converted.exists():
            _Converter(folder).convert(str(converted), quantization=numbers)
        self.generator = ctranslate2.Generator(str(converted), device="cpu", compute_type=numbers,
                                               inter_threads=1, intra_threads=threads())

    def run(self, prompt: list[int], count: int) -> list[int]:
        words = [f"t{id}" for id in prompt]
        made = self.generator.generate_batch(
            [words], max_length=count, min_length=count, beam_size=1, sampling_topk=1,
            include_prompt_in_result=False)
        return made[0].sequences_ids[0]

    def logits(self, prompt: list[int]) -> list[float]:
        return np.array(self.generator.forward_batch([prompt]))[0, -1].tolist()


class _Converter(TransformersConverter):
    """With names made up for the tokens, because random weights know none."""

    def load_tokenizer(self, tokenizer_class, model_name_or_path, **kwargs):
        count = config_of(model_name_or_path).vocab_size
        end = f"t{count - 1}"
        return transformers.PreTrainedTokenizerFast(
            tokenizer_object=made_up_tokenizer(count), bos_token=end, eos_token=end,
            unk_token=end)
