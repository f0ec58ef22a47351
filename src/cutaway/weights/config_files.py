"""The shape of a model: from its `config.json` or `hparams.json`, else from its tensors."""

import json
from importlib.resources.abc import Traversable
from typing import Any

from cutaway.errors import ConfigError
from cutaway.models.config import PUBLISHED, Config
from cutaway.weights.mapping import Weights

GPT2 = "gpt2"
# What a config.json may ask for that changes the numbers, and what Cutaway calculates instead.
# Source: transformers, GPT2Config. gelu_pytorch_tanh is another name for the same formula.
SUPPORTED = {
    "model_type": (GPT2,),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "reorder_and_upcast_attn": (False,),
    "add_cross_attention": (False,),
}
# Models whose tensors are called much as GPT-2's are. Source: transformers, the configurations.
RELATIVES = {"gptj": "GPT-J", "codegen": "CodeGen", "imagegpt": "ImageGPT", "gpt_neo": "GPT-Neo",
             "gpt_neox": "GPT-NeoX", "gpt_bigcode": "GPT-BigCode", "openai-gpt": "GPT-1"}
# Other names that transformers takes for the same fields. Source: GPT2Config.attribute_map
ALIASES = {"hidden_size": "n_embd", "max_position_embeddings": "n_positions",
           "num_attention_heads": "n_head", "num_hidden_layers": "n_layer"}
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


def expect_gpt2(folder: Traversable) -> None:
    """Check that the `config.json` in a folder, if there is one, is a GPT-2's.

    Raises:  ConfigError naming the type of the model that was found
    """
    if (file := folder / "config.json").is_file():
        _expect_type(_read_json(file))


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
    _expect_type(fields)
    _expect_unquantised(fields)
    for name, values in SUPPORTED.items():
        if name in fields and not any(_is_same(fields[name], value) for value in values):
            raise ConfigError(
                f"config.json: {name} is {fields[name]!r}, but Cutaway calculates GPT-2 with "
                f"{values[0]!r} only: this model's numbers would come out wrong.")
    fields = _without_aliases(fields)
    config = Config(**{name: fields[name] for name in FIELDS if name in fields})
    if not any(_is_same(fields.get("n_inner"), width) for width in (None, config.sizes["hidden"])):
        raise ConfigError(
            f"config.json: n_inner is {fields['n_inner']!r}, but GPT-2's MLP is four times n_embd "
            f"wide, which is {config.sizes['hidden']}. Cutaway opens only such models.")
    return config


def _expect_type(fields: dict[str, Any]) -> None:
    found = fields.get("model_type", GPT2)
    if found != GPT2:
        known = f" ({RELATIVES[found]})" if found in RELATIVES else ""
        raise ConfigError(f"config.json: model_type is {found!r}{known}, and Cutaway opens GPT-2 "
                          f"only ({GPT2!r}). Open a GPT-2 model instead.")


def _expect_unquantised(fields: dict[str, Any]) -> None:
    found = fields.get("quantization_config")
    if found is not None:
        method = found.get("quant_method") if isinstance(found, dict) else found
        raise ConfigError(f"config.json: there is a quantization_config ({method!r}), so the "
                          "weights are not stored as GPT-2's own numbers. Get the model as it was "
                          "before it was quantised.")


def _is_same(found: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, of its type too: 1 is not True, and 192.0 is not 192."""
    return type(found) is type(wanted) and found == wanted


def _without_aliases(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields by GPT-2's own names.

    Raises:  ConfigError when a field is given by both of its names, with different values
    """
    given = {ALIASES.get(name, name): value for name, value in fields.items()}
    for alias, name in ALIASES.items():
        if alias in fields and name in fields and not _is_same(fields[alias], fields[name]):
            raise ConfigError(
                f"config.json: {alias} is {fields[alias]!r} and {name} is {fields[name]!r}, and "
                "both say the same of a GPT-2. Delete the one that is wrong.")
    return given


def _read_json(file: Traversable) -> dict[str, Any]:
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{file.name} is not JSON ({error}). Get the file again.") from error
    if not isinstance(fields, dict):
        raise ConfigError(f"{file.name}: names with values are expected. Get the file again.")
    return fields
