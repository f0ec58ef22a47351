"""PyTorch's `.bin`, `.pt` and `.pth` files, read only by the loader that runs no code from them."""

import re
import zipfile
from pathlib import Path
from pickle import UnpicklingError

import numpy as np

from cutaway.errors import CorruptFile, MissingExtra
from cutaway.reading import expect_file, readable
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.saved import state_dict_in
from cutaway.weights.state_dict import StateDict
from cutaway.words import in_one_line

UNKNOWN_CLASS = re.compile(r"GLOBAL ([\w.]+)")  # in what torch says of one that it does not know


def read_torch(path: Path) -> StateDict:
    """The tensors of a saved state dict; memory-mapped unless the file is older than PyTorch 1.6.

    A checkpoint may hold it among other things, and say of the model what the tensors do not.
    Raises:  MissingExtra without torch; ConfigError for a checkpoint of another model than
             nanoGPT's; CorruptFile when the file is damaged, holds what is not plain data, or no
             state dict
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtra(f"{path.name} is a PyTorch file, and torch is not installed. "
                           'Install it where you cloned Cutaway: '
                           'pip install --constraint constraints.txt --editable ".[train]"') \
            from error
    expect_file(path)
    with readable(path.name, CorruptFile, "{name}: PyTorch cannot read it. It is cut short or is "
                  "no PyTorch file: get it again."):
        is_zip = zipfile.is_zipfile(path)
        if is_zip:
            _expect_unpacked(path)
        try:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
        except UnpicklingError as error:
            found = UNKNOWN_CLASS.search(str(error))
            named = f" ({in_one_line(found[1], 80)})" if found else ""
            raise CorruptFile(
                f"{path.name} holds more than tensors{named}, which could run code as it is "
                "opened, or it is damaged: it was not opened. Save the tensors alone where it came "
                "from, torch.save(model.state_dict(), FILE), or get the model as safetensors."
            ) from error
    state, told, left_out = state_dict_in(path, state)
    return StateDict({name: _stored_tensor(path, name, tensor) for name, tensor in state.items()},
                     told=told, left_out=left_out)


def _expect_unpacked(path: Path) -> None:
    """Check that the zip is one of PyTorch's, which packs nothing and so unpacks to no more.

    Raises:  CorruptFile
    """
    with zipfile.ZipFile(path) as archive:
        packed = [member for member in archive.infolist()
                  if member.compress_type != zipfile.ZIP_STORED]
    if packed:
        raise CorruptFile(f"{path.name}: {in_one_line(packed[0].filename, 100)!r} in it is "
                          "compressed, which PyTorch's own are not: it was not opened. Get the "
                          "model as safetensors.")


def _stored_tensor(path: Path, name: str, tensor) -> StoredTensor:
    dtype = str(tensor.dtype).removeprefix("torch.")
    plain = str(tensor.layout) == "torch.strided" and tensor.device.type == "cpu"
    if not plain or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise CorruptFile(f"{path.name}: {in_one_line(repr(name), 100)} is no plain table of "
                          "numbers but sparse, repeated, or without numbers of its own. Save the "
                          "model's state_dict from the CPU, with every number in it.")

    def read() -> np.ndarray:
        exact = tensor.float() if dtype == "bfloat16" else tensor
        return exact.detach().contiguous().numpy().view()

    return StoredTensor(Origin(path, name, dtype, tuple(tensor.shape)), read)
