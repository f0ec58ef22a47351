"""The numbers of a model: every format that holds a GPT-2 opens to the same `Weights`."""

from cutaway.weights.bundled import bundled_names
from cutaway.weights.export import export_huggingface, save_weights
from cutaway.weights.find import find_model
from cutaway.weights.hub import fetch
from cutaway.weights.mapping import Origin, Weights
from cutaway.weights.open import ModelFiles, read_model_files
from cutaway.weights.progress import Progress
from cutaway.weights.store import Store, StoredModel

__all__ = [
    "ModelFiles",
    "Origin",
    "Progress",
    "Store",
    "StoredModel",
    "Weights",
    "bundled_names",
    "export_huggingface",
    "fetch",
    "find_model",
    "read_model_files",
    "save_weights",
]
