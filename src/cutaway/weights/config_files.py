"""The shape of a model: from its `config.json` or `hparams.json`, else from its tensors."""

import json
from importlib.resources.abc import Traversable
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models.config import PUBLISHED, Config
from cutaway.weights.mapping import Weights

# What a config.json may ask for that changes the numbers, and what Cutaway calculates instead.
# Source: transformers, GPT2Config. gelu_pytorch_tanh is another name for the same formula.
SUPPORTED = {
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "reorder_and_upcast_attn": (False,),
    "add_cross_attention": (False,),
}
HPARAMS = {"n_vocab": "vocab_size", "n_ctx": "n_positions"}  # OpenAI's names, where they differ
FIELDS = tuple(Config().to_dict())


def read_config(folder: Traversable, weights: Weights) -> Config:
    """The model's shape, from the first of: `config.json`, `hparams.json`, the tensors themselves.

    Raises:  ConfigError when a file cannot be read, asks for what GPT-2 does not do, or when there
             is no file and the tensors do not tell
    """
    if (file := folder / "config.json").is_file():
        return _from_hugging_face(_read_json(file))
    if (file := folder / "hparams.json").is_file():
        fields = {HPARAMS.get(name, name): value for name, value in _read_json(file).items()}
        return Config(**{name: fields[name] for name in FIELDS if name in fields})
    return infer_config(weights)


def infer_config(weights: Weights) -> Config:
    """The shape that the tensors have. How many heads is not in them: the published widths tell.

    Raises:  ConfigError when `wte` or `wpe` is missing, or the width is none of the published
    """
    for name in ("wte", "wpe"):
        if name not in weights or len(weights.origin(name).shape) != 2:
            raise ConfigError(
                f"{weights.file.name}: there is no config.json, and no table {name} with rows and "
                "columns to read the model's shape from. Put the model's config.json beside it.")
    vocab_size, n_embd = weights.origin("wte").shape
    heads = {config.n_embd: config.n_head for config in PUBLISHED.values()}
    if n_embd not in heads:
        raise ConfigError(
            f"{weights.file.name}: there is no config.json, and the tensors do not tell the number "
            f"of heads (n_embd {n_embd} is none of the published {', '.join(map(str, heads))}). "
            "Put the model's config.json beside it.")
    return Config(vocab_size, n_positions=weights.origin("wpe").shape[0], n_embd=n_embd,
                  n_layer=max(1, weights.block_count), n_head=heads[n_embd])


def hugging_face_config(config: Config, end_of_text: int | None) -> dict[str, Any]:
    """A `config.json` with which `transformers` opens the model as `GPT2LMHeadModel`.

    end_of_text  the id of the token that begins and ends a text, where it is known
    """
    return {
        "architectures": ["GPT2LMHeadModel"],
        **{name: values[0] for name, values in SUPPORTED.items()},
        **config.to_dict(),
        "n_ctx": config.n_positions,
        "n_inner": None,
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_text,
        "tie_word_embeddings": True,
    }


def _from_hugging_face(fields: dict[str, Any]) -> Config:
    for name, values in SUPPORTED.items():
        if name in fields and fields[name] not in values:
            raise ConfigError(
                f"config.json: {name} is {fields[name]!r}, but Cutaway calculates GPT-2 with "
                f"{values[0]!r} only: this model's numbers would come out wrong.")
    config = Config(**{name: fields[name] for name in FIELDS if name in fields})
    if fields.get("n_inner") not in (None, config.sizes["hidden"]):
        raise ConfigError(
            f"config.json: n_inner is {fields['n_inner']!r}, but GPT-2's MLP is four times n_embd "
            f"wide, which is {config.sizes['hidden']}. Cutaway opens only such models.")
    return config


def _read_json(file: Traversable) -> dict[str, Any]:
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{file.name} is not JSON ({error}). Get the file again.") from error
    if not isinstance(fields, dict):
        raise ConfigError(f"{file.name}: names with values are expected. Get the file again.")
    return fields
