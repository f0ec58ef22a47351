"""The shape of a model: from its `config.json` or `hparams.json`, else from its tensors."""

import dataclasses
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any, cast

from cutaway.errors import ConfigError
from cutaway.models import ARCHITECTURES, GPT2, architecture_names, architecture_of
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.reading import json_of, readable
from cutaway.weights.mapping import Weights

# Models whose tensors are called much as GPT-2's are. Source: transformers, the configurations.
RELATIVES = {"gptj": "GPT-J", "codegen": "CodeGen", "imagegpt": "ImageGPT", "gpt_neo": "GPT-Neo",
             "gpt_neox": "GPT-NeoX", "gpt_bigcode": "GPT-BigCode", "openai-gpt": "GPT-1"}


def read_config(folder: Traversable, weights: Weights, told: Mapping[str, Any] | None = None,
                n_head: int | None = None) -> ModelConfig:
    """The model's shape, from the first of: `config.json`, `hparams.json`, the tensors themselves.

    told     fields that the weights' file says, or the program that wrote it; where they are all
             that there are, no other file is read
    n_head   how many heads the user says it has
    Raises:  ConfigError when a file cannot be read, asks for what the architecture does not do, or
             when there is no file and the tensors do not tell; when two disagree about the heads
    """
    told = dict(told or {})
    name = weights.file.name
    if "vocab_size" in told:
        config = weights.architecture.config_class(**told)
        _agreed(name, {"the file": config.n_head, "--heads": n_head})
        return config
    said = {"the file": told.pop("n_head", None), "--heads": n_head}
    config = _from_files(folder, weights, told, _agreed(name, said))
    _agreed(name, {"config.json": config.n_head, **said})
    return config


def _from_files(folder: Traversable, weights: Weights, told: dict[str, Any], n_head: int | None
                ) -> ModelConfig:
    """The shape that is said beside the weights.  told: what the program that wrote them says"""
    architecture = weights.architecture
    file = folder / "config.json"
    if told and file.is_file():
        stated = _stated(_read_json(file), architecture)
        inferred = infer_config(weights, stated.get("n_head", n_head), told)
        return _config({**_fields_of(inferred), **stated}, architecture)
    if file.is_file():
        return _from_hugging_face(_read_json(file), architecture)
    if not told and (file := folder / "hparams.json").is_file():
        names = architecture.config_file.hparams
        return _config({names.get(name, name): value for name, value in _read_json(file).items()},
                       architecture)
    return infer_config(weights, n_head, told)


def find_architecture(folder: Traversable) -> Architecture:
    """The kind of model that the `config.json` in a folder says; GPT-2 where there is none.

    Raises:  ConfigError naming the type of the model that was found, when Cutaway opens no such
    """
    file = folder / "config.json"
    return _architecture(_read_json(file)) if file.is_file() else GPT2


def infer_config(weights: Weights, n_head: int | None = None,
                 told: Mapping[str, Any] | None = None) -> ModelConfig:
    """The shape that the tensors have. How many heads is not in them: the published widths tell.

    n_head   how many heads it has, where that is known
    told     further fields, where they are known
    Raises:  ConfigError when the token or the position table is missing, or the width is none of
             the published; MissingTensors when there is nothing at all of the model
    """
    architecture = weights.architecture
    if not weights:
        weights.check(architecture.config_class())  # which says what the file holds instead
    tables = [architecture.table_of(role) or role for role in ("token_table", "position_table")]
    for name in tables:
        if name not in weights or len(weights.origin(name).shape) != 2:
            raise ConfigError(
                f"{weights.file.name}: there is no config.json, and no table {name} with rows and "
                "columns to read the model's shape from. Put the model's config.json beside it.")
    (vocab_size, n_embd), (n_positions, _) = (weights.origin(name).shape for name in tables)
    heads = {config.n_embd: config.n_head for config in architecture.published.values()}
    n_head = n_head or heads.get(n_embd)
    if n_head is None:
        raise ConfigError(
            f"{weights.file.name}: there is no config.json, and the tensors do not tell the number "
            f"of heads (n_embd {n_embd} is none of the published {', '.join(map(str, heads))}). "
            f"Say it, `cutaway add {weights.file.name} --heads N`, or put the model's config.json "
            "beside it.")
    return architecture.config_class(vocab_size, n_positions=n_positions, n_embd=n_embd,
                                     n_layer=max(1, weights.block_count), n_head=n_head,
                                     **(told or {}))


def hugging_face_config(config: ModelConfig, end_of_text: int | None,
                        architecture: Architecture = GPT2) -> dict[str, Any]:
    """A `config.json` with which `transformers` opens the model, GPT-2 as `GPT2LMHeadModel`.

    end_of_text  the id of the token that begins and ends a text, where it is known
    """
    stated = architecture.config_file
    return {
        "architectures": [stated.model_class],
        "model_type": architecture.model_type,
        **{name: values[0] for name, values in stated.fixed.items()},
        "tie_word_embeddings": bool(architecture.tied_head),
        **{stated.names.get(name, name): value for name, value in config.to_dict().items()},
        **stated.written(config),
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_text,
    }


def _from_hugging_face(fields: dict[str, Any], architecture: Architecture) -> ModelConfig:
    fields = _stated(fields, architecture)
    config = _config(fields, architecture)
    architecture.config_file.check(config, fields)
    return config


def _stated(fields: dict[str, Any], architecture: Architecture) -> dict[str, Any]:
    """The fields of a `config.json` by our names, once nothing in it is calculated otherwise.

    Raises:  ConfigError
    """
    if (found := _architecture(fields)) is not architecture:
        raise ConfigError(f"config.json: model_type is {found.model_type!r}, but the tensors are "
                          f"taken for a {architecture.name}'s. Open the folder of the model.")
    _expect_unquantised(fields, architecture)
    fields = architecture.config_file.unfolded(fields)
    for name, values in architecture.config_file.fixed.items():
        if name in fields and not any(_is_same(fields[name], value) for value in values):
            raise ConfigError(
                f"config.json: {name} is {fields[name]!r}, but Cutaway calculates "
                f"{architecture.name} with {values[0]!r} only: this model's numbers would come out "
                "wrong.")
    return _without_aliases(fields, architecture)


def _fields_of(config: ModelConfig) -> dict[str, Any]:
    return {field.name: getattr(config, field.name) for field in dataclasses.fields(
        cast(Any, config))}


def _agreed(name: str, said: Mapping[str, int | None]) -> int | None:
    """The number of heads that those who say one say.  Raises:  ConfigError when they differ"""
    told = {who: number for who, number in said.items() if number is not None}
    if len(set(told.values())) > 1:
        words = ", and ".join(f"{who} says {number} heads" for who, number in told.items())
        raise ConfigError(f"{name}: {words}. Correct the one that is wrong.")
    return next(iter(told.values()), None)


def _config(fields: dict[str, Any], architecture: Architecture) -> ModelConfig:
    """The configuration that fields by our names state, whatever else they state."""
    names = [field.name for field in dataclasses.fields(cast(Any, architecture.config_class()))]
    return architecture.config_class(**{name: fields[name] for name in names if name in fields})


def _architecture(fields: dict[str, Any]) -> Architecture:
    """Raises:  ConfigError when Cutaway opens no models of that type"""
    found = fields.get("model_type", GPT2.model_type)
    if not isinstance(found, str) or found not in ARCHITECTURES:
        known = f" ({RELATIVES[found]})" if isinstance(found, str) and found in RELATIVES else ""
        types = ", ".join(map(repr, ARCHITECTURES))
        raise ConfigError(
            f"config.json: model_type is {found!r}{known}, and Cutaway opens "
            f"{architecture_names()} only ({types}). Open a {GPT2.name} model instead.")
    return architecture_of(found)


def _expect_unquantised(fields: dict[str, Any], architecture: Architecture) -> None:
    found = fields.get("quantization_config")
    if found is not None:
        method = found.get("quant_method") if isinstance(found, dict) else found
        raise ConfigError(f"config.json: there is a quantization_config ({method!r}), so the "
                          f"weights are not stored as {architecture.name}'s own numbers. Get the "
                          "model as it was before it was quantised.")


def _is_same(found: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one, of its type too: 1 is not True, and 192.0 is not 192."""
    return type(found) is type(wanted) and found == wanted


def _without_aliases(fields: dict[str, Any], architecture: Architecture) -> dict[str, Any]:
    """The fields by the architecture's own names.

    Raises:  ConfigError when a field is given by both of its names, with different values
    """
    stated = architecture.config_file
    aliases = {**stated.aliases, **{theirs: ours for ours, theirs in stated.names.items()}}
    given = {aliases.get(name, name): value for name, value in fields.items()}
    for alias, name in aliases.items():
        if alias in fields and name in fields and not _is_same(fields[alias], fields[name]):
            raise ConfigError(
                f"config.json: {alias} is {fields[alias]!r} and {name} is {fields[name]!r}, and "
                f"both say the same of a {architecture.name}. Delete the one that is wrong.")
    return given


def _read_json(file: Traversable) -> dict[str, Any]:
    with readable(file.name, ConfigError, "{name} is not JSON ({reason}). Get the file again."):
        fields = json_of(file)
    if not isinstance(fields, dict):
        raise ConfigError(f"{file.name}: names with values are expected. Get the file again.")
    return fields
