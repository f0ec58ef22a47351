"""nanoGPT's `ckpt.pt`: a state dict with the arguments of the model that it belongs to.

Its `nn.Linear` weights are output rows x input columns where GPT-2's files have it the other way
round; a model that was compiled has `_orig_mod.` before each name; without biases there are none.

Source: karpathy/nanoGPT, model.py and train.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models.config import BIASES, Config
from cutaway.weights.mapping import StoredTensor

COMPILED = "_orig_mod."
COUNTS = {"vocab_size": "vocab_size", "block_size": "n_positions", "n_embd": "n_embd",
          "n_layer": "n_layer", "n_head": "n_head"}
ARGUMENTS = (*COUNTS, "bias", "dropout")
LINEAR = ("c_attn.weight", "c_proj.weight", "c_fc.weight")


class NanoGPTFile(dict[str, StoredTensor]):
    """The tensors of a file that itself says the model's shape.

    config  the shape that it says
    """

    def __init__(self, tensors: Mapping[str, StoredTensor], config: Config):
        super().__init__(tensors)
        self.config = config


def is_nanogpt(content: object) -> bool:
    """Whether what a file holds is one of nanoGPT's checkpoints."""
    return (isinstance(content, dict) and isinstance(content.get("model"), dict)
            and isinstance(content.get("model_args"), dict))


def nanogpt_config(file: Path, arguments: Mapping[Any, Any]) -> Config:
    """The configuration that `model_args` state.

    Raises:  ConfigError naming what is missing, or what nanoGPT's own model does not have
    """
    if strange := [str(name) for name in arguments if name not in ARGUMENTS]:
        raise ConfigError(f"{file.name}: model_args has {', '.join(strange)}, which nanoGPT's own "
                          f"model does not have ({', '.join(ARGUMENTS)}): the numbers could come "
                          "out wrong. Train it with nanoGPT's own model.py.")
    if missing := [name for name in (*COUNTS, "bias") if name not in arguments]:
        raise ConfigError(f"{file.name}: model_args does not say {', '.join(missing)}. Load it in "
                          "the nanoGPT that wrote it, and save it with all of its arguments.")
    if not isinstance(arguments["bias"], bool):
        raise ConfigError(f"{file.name}: bias in model_args is {arguments['bias']!r}; True or "
                          "False is expected. Correct it and save the file again.")
    return Config(**{ours: arguments[theirs] for theirs, ours in COUNTS.items()},
                  activation_function="gelu", missing_biases=() if arguments["bias"] else BIASES)


def nanogpt_model(tensors: Mapping[str, StoredTensor], config: Config) -> NanoGPTFile:
    """The tensors by GPT-2's names, each as input rows x output columns."""
    named = {name.removeprefix(COMPILED): tensor for name, tensor in tensors.items()}
    if _is_output_by_input(named, config):
        named = {name: tensor.transposed() if name.endswith(LINEAR) else tensor
                 for name, tensor in named.items()}
    return NanoGPTFile(named, config)


def _is_output_by_input(tensors: Mapping[str, StoredTensor], config: Config) -> bool:
    """Whether the file has its weights as nn.Linear has them: the first c_attn's shape tells."""
    return any(tensor.origin.shape == (3 * config.n_embd, config.n_embd)
               for name, tensor in tensors.items() if name.endswith("attn.c_attn.weight"))
