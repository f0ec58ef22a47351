"""Writing a model as Hugging Face does: the one format in which Cutaway writes weights."""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

import numpy as np

from cutaway.disk import whole_files
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.weights.config_files import hugging_face_config
from cutaway.weights.mapping import Weights
from cutaway.weights.names import stored_name
from cutaway.weights.tokenizer_files import copy_tokenizer, end_of_text_id, files_instead_of

WEIGHTS_FILE = "model.safetensors"


def export_huggingface(config: ModelConfig, weights: Mapping[str, np.ndarray],
                       tokenizer_folder: Traversable | None, folder: Path, *,
                       architecture: Architecture = GPT2) -> None:
    """A folder that `GPT2LMHeadModel.from_pretrained` opens: the same digits, of the same types.

    It holds `config.json`, `model.safetensors` and, where there is a tokenizer, its files, in the
    place of the files of any tokenizer that was there. Whatever ends the process, the folder holds
    what was before or what comes after, once `read_model_files` or this has looked at it.
    architecture  the kind of model, where the weights are plain arrays; `Weights` know their own
    Raises:  DiskError when it cannot be written, with the files that were there still in place;
             MissingTensors, WrongShape or NotFinite before anything is written
    """
    with whole_files(folder, instead_of=files_instead_of(tokenizer_folder)) as draft:
        write_model(draft, config, weights, tokenizer_folder, architecture)


def save_weights(folder: Path, config: ModelConfig, arrays: Mapping[str, np.ndarray],
                 dtype: str = "float32", *, architecture: Architecture = GPT2) -> None:
    """`config.json` and `model.safetensors` in a folder, with every number as `dtype`.

    dtype         "float32", "float16" or "float64"
    architecture  as in `export_huggingface`
    Raises:  as `export_huggingface`; NotFinite also when a number is too large for `dtype`
    """
    with np.errstate(over="ignore"):  # what becomes infinite is reported by its name
        converted = {name: np.asarray(array).astype(dtype, copy=False)
                     for name, array in arrays.items()}
    with whole_files(folder) as draft:
        write_model(draft, config, converted, None, architecture)


def write_model(folder: Path, config: ModelConfig, arrays: Mapping[str, np.ndarray],
                tokenizer_folder: Traversable | None, architecture: Architecture = GPT2) -> None:
    """The files of a model, written into a folder that exists, once every number was checked.

    Raises:  MissingTensors, WrongShape or NotFinite, with nothing written; else what the disk says
    """
    from safetensors.numpy import save_file

    weights = arrays if isinstance(arrays, Weights) else Weights.from_arrays(
        arrays, folder / WEIGHTS_FILE, architecture)
    kind = weights.architecture
    weights.check(config)
    weights.check_finite()
    fields = hugging_face_config(config, end_of_text_id(tokenizer_folder), kind)
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
    save_file(hugging_face_arrays(config, weights), folder / WEIGHTS_FILE,
              metadata={"format": "pt"})
    (folder / WEIGHTS_FILE).chmod(0o644)  # the library lets nobody but its owner read it
    if tokenizer_folder is not None:
        copy_tokenizer(tokenizer_folder, folder)


def hugging_face_arrays(config: ModelConfig, weights: Weights) -> dict[str, np.ndarray]:
    """Every tensor that `transformers` wants of a model, under its names."""
    kind = weights.architecture
    stored = {stored_name(name, "hugging_face", kind): _as_stored(name, weights)
              for name in weights}
    return stored | _zeros(config, weights)


def _zeros(config: ModelConfig, weights: Weights) -> dict[str, np.ndarray]:
    """The biases that a model lacks, and that `transformers` wants: numbers of no effect."""
    missing = set(getattr(config, "missing_biases", ()))
    if not missing:
        return {}
    kind = weights.architecture
    whole = kind.book(replace(cast(Any, config), missing_biases=())).weights
    dtype = weights[next(iter(weights))].dtype
    return {stored_name(name, "hugging_face", kind):
            np.zeros([config.sizes[axis] for axis in axes], dtype)
            for name, axes in whole.items() if name.rpartition(".")[2] in missing}


def _as_stored(name: str, weights: Weights) -> np.ndarray:
    """A weight's numbers as Hugging Face's files have them: rows and columns as the record says."""
    turned = "hugging_face" in weights.architecture.parameter(name).output_by_input
    return np.ascontiguousarray(weights[name].T if turned else weights[name])
