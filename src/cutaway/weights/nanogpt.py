"""nanoGPT's `ckpt.pt`: a state dict with the arguments of the model that it belongs to.

They say all of its shape, and that it has no biases where it has none.

Source: karpathy/nanoGPT, model.py and train.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models.config import BIASES

COUNTS = {"vocab_size": "vocab_size", "block_size": "n_positions", "n_embd": "n_embd",
          "n_layer": "n_layer", "n_head": "n_head"}
ARGUMENTS = (*COUNTS, "bias", "dropout")


def is_nanogpt(content: object) -> bool:
    """Whether what a file holds is one of nanoGPT's checkpoints."""
    return (isinstance(content, dict) and isinstance(content.get("model"), dict)
            and isinstance(content.get("model_args"), dict))


def nanogpt_config(file: Path, arguments: Mapping[Any, Any]) -> dict[str, Any]:
    """The fields of the configuration that `model_args` state.

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
    return {**{ours: arguments[theirs] for theirs, ours in COUNTS.items()},
            "activation_function": "gelu", "missing_biases": () if arguments["bias"] else BIASES}
