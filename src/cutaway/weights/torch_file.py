"""PyTorch's `.bin`, `.pt` and `.pth` files, read only by the loader that runs no code from them."""

import zipfile
from pathlib import Path
from pickle import UnpicklingError

import numpy as np

from cutaway.errors import CorruptFile, MissingExtra
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.nanogpt import is_nanogpt, nanogpt_fields, nanogpt_model


def read_torch(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a saved state dict; memory-mapped unless the file is older than PyTorch 1.6.

    Of nanoGPT's checkpoints, a `NanoGPTFile`, which says the model's shape too.
    Raises:  MissingExtra without torch; ConfigError for a checkpoint of another model than
             nanoGPT's; CorruptFile when the file is damaged, holds more than
             tensors, or is not a state dict
    """
    try:
        import torch
        from safetensors import SafetensorError
    except ImportError as error:
        raise MissingExtra(f"{path.name} is a PyTorch file, and torch is not installed. "
                           'Install it where you cloned Cutaway: '
                           'pip install --constraint constraints.txt --editable ".[train]"') \
            from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True,
                           mmap=zipfile.is_zipfile(path))
    except UnpicklingError as error:
        raise CorruptFile(
            f"{path.name} holds more than tensors, which could run code as it is opened, or it is "
            "damaged: it was not opened. Get the model as safetensors.") from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, SafetensorError) as error:
        raise CorruptFile(f"{path.name}: PyTorch cannot read it. It is cut short or is no PyTorch "
                          "file: get it again.") from error
    fields = None
    if is_nanogpt(state):
        state, fields = state["model"], nanogpt_fields(path, state["model_args"])
    if not isinstance(state, dict) or not all(torch.is_tensor(value) for value in state.values()):
        raise CorruptFile(f"{path.name}: tensors by name are expected (a model's state_dict). "
                          "Save it with torch.save(model.state_dict(), ...).")
    stored = {name: _stored_tensor(path, name, tensor) for name, tensor in state.items()}
    return stored if fields is None else nanogpt_model(stored, fields)


def _stored_tensor(path: Path, name: str, tensor) -> StoredTensor:
    dtype = str(tensor.dtype).removeprefix("torch.")

    def read() -> np.ndarray:
        exact = tensor.float() if dtype == "bfloat16" else tensor
        return exact.detach().contiguous().numpy().view()

    return StoredTensor(Origin(path, name, dtype, tuple(tensor.shape)), read)
